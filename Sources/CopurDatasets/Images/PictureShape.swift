internal import CopurCore

/// The extents of a picture whose element (r, c, k) is at `(r * columns + c) * channels + k` of a row.
struct PictureShape: Hashable, Sendable {
  /// The most values of a picture: as many as one agent's block may have.
  static let valueLimit = 1 << 20

  let rows: Int
  let columns: Int
  let channels: Int

  /// The number of values of a picture; of a shape that was ``checked(in:)``, 1 to ``valueLimit``.
  var valueCount: Int { rows * columns * channels }

  /// This shape, if a picture can have it.
  ///
  /// - Parameter file: The file's name for messages.
  /// - Throws: ``CopurError`` of code `.invalidData` if an extent is under 1 or there are more values than
  ///   ``valueLimit``, so that nothing is allocated for what a header merely claims.
  func checked(in file: String) throws -> PictureShape {
    // Division, since a product of extents that a file claims may overflow.
    guard rows >= 1, columns >= 1, channels >= 1, columns <= Self.valueLimit / rows,
      channels <= Self.valueLimit / (rows * columns)
    else {
      throw CopurError(
        .invalidData,
        "\(file): an image has 1 to \(Self.valueLimit) values, rows × columns × channels (actual: \(rows) × \(columns) "
          + "× \(channels))")
    }
    return self
  }
}

extension PictureShape: CustomStringConvertible {
  var description: String { channels == 1 ? "\(rows) × \(columns)" : "\(rows) × \(columns) × \(channels)" }
}
