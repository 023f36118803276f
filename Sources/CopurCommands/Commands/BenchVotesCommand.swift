import ArgumentParser
import CopurCore
import CopurDefenses
import CopurNumerics

/// `copur bench votes`: decisions of agents' votes, and their certificates.
struct BenchVotesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "votes",
    abstract: "Time votes of agents and their certificates on one core.",
    discussion: """
      A vote of two classes, with the trim for any two liars, on evidence that is normal. The table has the median of the \
      repeats, in microseconds a sample of a batch: the decision, the certificate against any two agents, and the most agents \
      that it withstands.

      Example:
        copur bench votes --agents 10 --agents 100
      """)

  @Option(help: "How many agents vote; may be repeated.") var agents: [Int] = [4, 10, 100]
  @Option(help: "How many samples a batch has.") var batch = 256
  @Option(help: "How often each is measured; the median counts.") var repeats = 7

  func validate() throws {
    guard agents.allSatisfy({ (1...10_000).contains($0) }) else {
      throw ValidationError("--agents is 1 to 10000 (actual: \(agents))")
    }
    guard (1...100_000).contains(batch) else { throw ValidationError("--batch is 1 to 100000 (actual: \(batch))") }
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats is 1 to 1000 (actual: \(repeats))") }
  }

  func run() async throws {
    try await reporting {
      let header = ["agents", "decision, µs", "any two, µs", "most agents, µs"]
      try Terminal.print(AlignedRows([header] + agents.map(row)).text, terminator: "")
    }
  }

  private func row(_ agents: Int) -> [String] {
    let layout = BlockLayout(widths: [Int](repeating: 1, count: agents))
    var generator = SeededGenerator(seed: 0, purpose: "evidence")
    let observation = Observation(
      layout: layout, embeddings: generator.normalMatrix(rows: batch, columns: agents))
    let vote = AgentVote(
      layout: layout, classes: 2, rule: VoteRule(trim: VoteRule.trim(voters: agents, liars: 2)))
    let certifier = VoteCertifier(vote)
    let predictions = certifier.predictions(observation)
    return [
      "\(agents)",
      time { _ = vote.decide(observation) },
      time { _ = certifier.certifies(predictions, of: observation, against: .any(2)) },
      time { _ = certifier.tolerances(predictions, of: observation) },
    ]
  }

  /// The median, in microseconds a sample.
  private func time(_ body: () -> Void) -> String {
    let clock = ContinuousClock()
    // The first one warms caches up; each measurement takes some milliseconds.
    let rounds = max(1, 20_000 / batch)
    let times = (0...repeats).map { _ in
      clock.measure { for _ in 0..<rounds { body() } } / .microseconds(1) / Double(rounds * batch)
    }.dropFirst().sorted()
    let median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    return "\((median * 100).rounded() / 100)"
  }
}
