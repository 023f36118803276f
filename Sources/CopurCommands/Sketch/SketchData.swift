import CopurNumerics

/// Measurements for a project to begin with: machines that are healthy or worn, of which each agent measures three numbers.
///
/// All agents see the same three hidden numbers through mixtures of their own, and noise. So each block can be guessed from
/// the others, which is what defences need; the first hidden number says whether a machine is worn.
struct SketchData {
  static let measurements = 3
  static let trainingRows = 600
  static let testRows = 200
  /// Rows beyond the table, for the agents to send.
  static let newRows = 60

  let agents: [String]
  private let labels: [String]
  /// A row of all agents' numbers each.
  private let rows: [[Double]]

  /// - Parameters:
  ///   - count: How many agents there are.
  ///   - seed: The same numbers for the same seed.
  init(agents count: Int, seed: UInt64) {
    agents = (1...count).map { "a\($0)" }
    var numbers = SeededGenerator(seed: seed, purpose: "copur new")
    // A good part of each measurement is of wear, so that an agent alone can vote.
    let mixture = (0..<count * Self.measurements).map { _ in
      [0.5 + 0.5 * numbers.uniform(), 2 * numbers.uniform() - 1, 2 * numbers.uniform() - 1]
    }
    var labels: [String] = []
    var rows: [[Double]] = []
    for _ in 0..<Self.trainingRows + Self.testRows + Self.newRows {
      let hidden = (0..<3).map { _ in numbers.normal() }
      labels.append(hidden[0] + 0.2 * numbers.normal() > 0 ? "worn" : "healthy")
      rows.append(
        mixture.map { weights in
          let value = zip(weights, hidden).reduce(0.1 * numbers.normal()) { $0 + $1.0 * $1.1 }
          return (value * 1000).rounded() / 1000
        })
    }
    self.labels = labels
    self.rows = rows
  }

  private func columns(of agent: String) -> [String] { (1...Self.measurements).map { "\(agent)_\($0)" } }

  /// The table with labels, CSV.
  var table: String {
    let header = ["state"] + agents.flatMap(columns)
    let count = Self.trainingRows + Self.testRows
    return Self.csv([header] + (0..<count).map { [labels[$0]] + rows[$0].map { "\($0)" } })
  }

  /// The new rows of an agent, which has its own columns and no label, CSV.
  func newRows(of index: Int) -> String {
    let own = index * Self.measurements..<(index + 1) * Self.measurements
    let new = rows.suffix(Self.newRows).enumerated()
    return Self.csv(
      [["sample"] + columns(of: agents[index])] + new.map { ["\($0.offset)"] + $0.element[own].map { "\($0)" } })
  }

  private static func csv(_ lines: [[String]]) -> String {
    lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
