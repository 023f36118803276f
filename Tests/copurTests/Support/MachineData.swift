import CopurNumerics

/// Ten agents' measurements of machines that are healthy or worn: three hidden numbers, seen by all through different
/// mixtures, as a CSV file of one's own might have them.
enum MachineData {
  static let agents = (1...10).map { "a\($0)" }

  static let text: String = {
    var numbers = SeededGenerator(seed: 7, purpose: "machines")
    let columns = agents.flatMap { agent in (0..<3).map { "\(agent)_\($0)" } }
    let mixture = columns.map { _ in (0..<3).map { _ in Float.random(in: -1...1, using: &numbers) } }
    var lines = ["state," + columns.joined(separator: ",")]
    for _ in 0..<700 {
      let hidden = (0..<3).map { _ in Float.random(in: -1.7...1.7, using: &numbers) }
      let values = mixture.map { weights in
        zip(weights, hidden).reduce(Float.random(in: -0.1...0.1, using: &numbers)) { $0 + $1.0 * $1.1 }
      }
      let isWorn = hidden[0] + Float.random(in: -0.3...0.3, using: &numbers) > 0
      lines.append((isWorn ? "worn," : "healthy,") + values.map { "\($0)" }.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  /// A scenario in which agents 8 to 10 begin to flip.
  static func scenario(file: String, duration: String, rate: Int, flipAt: String) -> String {
    """
    name: machines
    dataset:
      kind: csv
      file: \(file)
      label: state
      classes: [healthy, worn]
      train_rows: 400
      agents: { \(agents.map { "\($0): [\($0)_*]" }.joined(separator: ", ")) }
    training: { extractor: linear, embedding: 4, epochs: 30, batch: 32, learning_rate: 0.05 }
    manifold: { kind: linear, code: 3 }
    defenses: [copur]
    timeline:
      duration: \(duration)
      rate: \(rate)
      events:
        - { at: \(flipAt), kind: feature-flipping, agents: [a8, a9, a10], amplification: 10 }
    rounds: { deadline: 1s }

    """
  }
}
