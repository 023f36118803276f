/// A row of one agent's own data.
public struct OwnRow: Hashable, Sendable {
  /// The sample that the row is of.
  public var sample: UInt64
  /// The agent's raw features in the model's order; NaN where there is no reading.
  public var values: [Float]
  /// The time at which the row was taken, in seconds; nil where rows have no time.
  public var time: Double?

  /// - Parameter values: The agent's raw features in the model's order; NaN where there is no reading.
  public init(sample: UInt64, values: [Float], time: Double? = nil) {
    self.sample = sample
    self.values = values
    self.time = time
  }
}

/// The name that a row has for its sample: all agents have to name it alike.
public enum RowKey: Hashable, Sendable {
  /// By its place: the first row is sample 0.
  case place
  /// By a column with the sample's number.
  case number(column: String)
  /// By a column with its time: sample n is what was taken from origin + n periods until the next.
  ///
  /// Times are seconds, or dates and times as ISO 8601 has them, such as `2026-11-26T18:30:00Z`.
  case time(column: String, origin: Double, period: Double)

  /// The column; nil if there is none.
  var column: String? {
    switch self {
    case .place: nil
    case .number(let column), .time(let column, _, _): column
    }
  }
}
