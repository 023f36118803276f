/// The numbers that agents have in the model, from 1: papers and names of attacks say "10" for the tenth.
struct AgentNumbers {
  /// The agents in the model's order; empty if the run does not say.
  let agents: [String]
  private let numbers: [String: Int]

  init(_ agents: [String]) {
    self.agents = agents
    numbers = Dictionary(agents.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
  }

  /// The agents of a run: as its record has them, or in an older one as a row lists their residuals or false alarms.
  init(record: RunRecord, rows: [ResultRow]) {
    self.init(
      record.agents ?? rows.lazy.compactMap { $0.residuals?.map(\.agent) ?? $0.falseAlarms?.map(\.agent) }.first ?? [])
  }

  /// A name with its number after it, `time (10)`; the name alone if it has none, or is one.
  func words(_ agent: String) -> String {
    numbers[agent].map { agent == "\($0)" ? agent : "\(agent)\u{A0}(\($0))" } ?? agent
  }

  /// Several of them, in the model's order.
  func words(_ agents: [String]) -> String {
    guard !numbers.isEmpty else { return agents.joined(separator: ", ") }
    return agents.sorted { numbers[$0] ?? .max < numbers[$1] ?? .max }.map(words).joined(separator: ", ")
  }
}
