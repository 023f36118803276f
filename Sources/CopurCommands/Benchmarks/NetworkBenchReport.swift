import Foundation

/// The output of `copur bench network`.
struct NetworkBenchReport {
  let lines: [NetworkBenchLine]

  /// One JSON object a line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
  }

  /// A table for people.
  func table() -> String {
    let header = [
      "engine", "batch", "offered/s", "rounds/s", "p50 ms", "p99 ms", "receipt p99 ms", "peak MB",
      "center µs", "agents µs", "journal B", "times faster",
    ]
    let rows = lines.map { line in
      [
        line.engine, line.batch.map { "\($0)" } ?? "", number(line.offeredRoundsPerSecond, 0),
        number(line.roundsPerSecond, 0), number(line.p50, 1), number(line.p99, 1), number(line.receiptP99, 1),
        number(line.peakMemory, 0), number(line.centerCPU, 0), number(line.agentsCPU, 0), number(line.journalBytes, 0),
        timesFaster(line.timesFasterThan ?? [:]),
      ]
    }
    return AlignedRows([header] + rows).text
  }

  /// One other program is in the row below; several are named.
  private func timesFaster(_ ratios: [String: Double]) -> String {
    let sorted = ratios.sorted { $0.key < $1.key }
    return sorted.map { (ratios.count > 1 ? "\($0.key) " : "") + number($0.value, 1) }.joined(separator: ", ")
  }

  private func number(_ value: Double?, _ digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
