/// The way the raw features of an agent lie: a convolution needs to know it of a row of numbers.
public enum FeatureGeometry: Hashable, Sendable {
  /// Values without an order.
  case plain
  /// An image or a map: value (r, c, k) of a row is at `(r * columns + c) * channels + k`.
  case grid(rows: Int, columns: Int, channels: Int)

  /// Whether so many features can lie so.
  public func fits(_ width: Int) -> Bool {
    guard case .grid(let rows, let columns, let channels) = self else { return true }
    guard rows >= 1, columns >= 1, channels >= 1 else { return false }
    let (cells, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
    let (count, isLarger) = cells.multipliedReportingOverflow(by: channels)
    return !isTooLarge && !isLarger && count == width
  }
}

extension FeatureGeometry: CustomStringConvertible {
  public var description: String {
    switch self {
    case .plain: "plain"
    case .grid(let rows, let columns, let channels): "\(rows) × \(columns) × \(channels)"
    }
  }
}

/// The extents as `{"rows": 14, "columns": 14, "channels": 1}`; plain features as `{}`.
extension FeatureGeometry: Codable {
  private enum CodingKeys: String, CodingKey { case rows, columns, channels }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard !container.allKeys.isEmpty else {
      self = .plain
      return
    }
    self = .grid(
      rows: try container.decode(Int.self, forKey: .rows), columns: try container.decode(Int.self, forKey: .columns),
      channels: try container.decode(Int.self, forKey: .channels))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    guard case .grid(let rows, let columns, let channels) = self else { return }
    try container.encode(rows, forKey: .rows)
    try container.encode(columns, forKey: .columns)
    try container.encode(channels, forKey: .channels)
  }
}
