/// The extents of an image in a row of numbers, channels last: element (r, c, k) is at (r · columns + c) · channels + k.
public struct ImageShape: Hashable, Sendable, Codable {
  /// The number of rows, from 1.
  public let rows: Int
  /// The number of columns, from 1.
  public let columns: Int
  /// The number of channels, from 1.
  public let channels: Int

  /// - Parameters:
  ///   - rows: From 1.
  ///   - columns: From 1.
  ///   - channels: From 1.
  public init(rows: Int, columns: Int, channels: Int) {
    self.rows = rows
    self.columns = columns
    self.channels = channels
  }

  /// The number of values of an image; `Int.max` where there are more than that.
  public var count: Int { ParameterShape("", [rows, columns, channels]).count }

  /// - Parameter width: The width of a layer's input.
  /// - Throws: ``ArchitectureError`` if an extent is below 1, or images have another number of values.
  func check(width: Int) throws {
    guard rows >= 1, columns >= 1, channels >= 1, count == width else {
      throw ArchitectureError(
        "an image has rows, columns and channels, as many values as the layer's input is wide (actual: \(self), width "
          + "\(width))")
    }
  }
}

extension ImageShape: CustomStringConvertible {
  public var description: String { "\(rows) × \(columns) × \(channels)" }
}
