/// The warnings of a run, each once: most are said of every attack and seed.
public struct WarningSummary {
  /// A warning, the first row that has it, and how many rows do.
  private struct Entry {
    let first: ResultRow
    var count: Int
  }

  private var warnings: [String] = []
  private var entries: [String: Entry] = [:]

  /// - Parameter rows: The rows, in the order in which they are to be named.
  public init(_ rows: [ResultRow]) {
    for row in rows {
      for warning in row.warnings {
        if entries[warning] == nil { warnings.append(warning) }
        entries[warning, default: Entry(first: row, count: 0)].count += 1
      }
    }
  }

  /// A line for each warning, in the order in which they first occur, with where it was said.
  public var lines: [String] {
    warnings.map { warning in
      let entry = entries[warning]!
      let place = "\(entry.first.attack), \(entry.first.defense), seed \(entry.first.seed)"
      return entry.count == 1 ? "\(place): \(warning)" : "\(warning) (\(entry.count) rows; the first: \(place))"
    }
  }
}
