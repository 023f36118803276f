import CopurPurification
import CopurReports
import Foundation

/// The medians of repeated measurements, and how they compare.
struct BenchReport {
  /// One line an engine and batch, in the order in which they were first measured.
  private(set) var lines: [BenchLine] = []

  /// - Parameters:
  ///   - lines: Our measurements, all repeats.
  ///   - others: Another program's.
  init(lines measured: [BenchLine], others: [BenchLine]) {
    var medians = Self.medians(measured)
    let otherMedians = Self.medians(others)
    for index in medians.indices {
      let line = medians[index]
      for other in otherMedians where other.batch == line.batch {
        medians[index].timesFasterThan = (medians[index].timesFasterThan ?? [:]).merging(
          [other.engine: other.secondsPerSample / line.secondsPerSample]
        ) { $1 }
      }
      let paper = medians.first {
        $0.batch == line.batch && $0.engine == PurificationBenchmark.Engine.paperSchedule.rawValue
      }
      if line.engine == PurificationBenchmark.Engine.shipped.rawValue, let paper {
        let notAbove = zip(line.objectives, paper.objectives).count { $0 <= $1 }
        medians[index].notAboveSchedule = Double(notAbove) / Double(max(1, line.objectives.count))
      }
    }
    lines = medians + otherMedians
  }

  private static func medians(_ lines: [BenchLine]) -> [BenchLine] {
    var groups: [[BenchLine]] = []
    for line in lines {
      if let index = groups.firstIndex(where: { $0[0].engine == line.engine && $0[0].batch == line.batch }) {
        groups[index].append(line)
      } else {
        groups.append([line])
      }
    }
    return groups.map { group in
      let seconds = group.map(\.secondsPerSample).sorted()
      var median = group[0]
      median.secondsPerSample = (seconds[(seconds.count - 1) / 2] + seconds[seconds.count / 2]) / 2
      return median
    }
  }

  /// One JSON object a line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
  }

  /// A table for people.
  func table() -> String {
    let header = [
      "engine", "batch", "µs a sample", "objective", "iterations", "converged", "not above", "times faster",
    ]
    let rows = lines.map { line in
      [
        line.engine, "\(line.batch)", String(format: "%.1f", 1e6 * line.secondsPerSample),
        line.objective.map { String(format: "%.4f", $0) } ?? "",
        line.iterations.map { String(format: "%.1f", $0) } ?? "",
        line.convergedFraction.map { String(format: "%.1f %%", 100 * $0) } ?? "",
        line.notAboveSchedule.map { String(format: "%.1f %%", 100 * $0) } ?? "",
        (line.timesFasterThan ?? [:]).sorted { $0.key < $1.key }.map { String(format: "%.1f", $0.value) }
          .joined(separator: ", "),
      ]
    }
    return AlignedRows([header] + rows).text
  }
}
