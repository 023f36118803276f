public import CopurNumerics

/// Missing values filled with column means, and columns scaled to 0 to 1, by what training rows say.
public struct TablePreparation: Hashable, Sendable {
  /// The mean of each column where there is a value; 0 for a column without any.
  public let means: [Float]
  /// The least value of each column.
  public let lower: [Float]
  /// The largest value less the least one; 1 for a column without spread, which so is 0.
  public let spans: [Float]

  /// - Parameter rows: [n, d]; NaN where a value is missing.
  public init(fitting rows: Matrix) {
    var (means, lower, spans) = ([Float](), [Float](), [Float]())
    for column in 0..<rows.columns {
      var (sum, count, low, high) = (0.0, 0, Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude)
      for row in 0..<rows.rows where !rows[row, column].isNaN {
        let value = rows[row, column]
        sum += Double(value)
        count += 1
        (low, high) = (min(low, value), max(high, value))
      }
      means.append(count == 0 ? 0 : Float(sum / Double(count)))
      let span = count == 0 ? 0 : high - low
      lower.append(count == 0 ? 0 : low)
      spans.append(span > 0 && span.isFinite ? span : 1)
    }
    (self.means, self.lower, self.spans) = (means, lower, spans)
  }

  /// The rows without gaps and scaled. What is beyond the training rows' range is beyond 0 and 1, by no more than ten spans:
  /// further away says no more, and would overflow.
  public func apply(to rows: Matrix) -> Matrix {
    precondition(rows.columns == means.count)
    var prepared = rows
    for row in 0..<rows.rows {
      for column in 0..<rows.columns {
        let value = rows[row, column].isNaN ? means[column] : rows[row, column]
        prepared[row, column] = min(max((value - lower[column]) / spans[column], -10), 11)
      }
    }
    return prepared
  }
}
