internal import CopurCore

/// A rectangle of a picture, which is the block of one agent.
struct PictureBlock: Hashable, Sendable {
  let rows: Range<Int>
  let columns: Range<Int>

  /// The places of the block's values in a picture: row by row, the channels of a pixel together.
  func places(in shape: PictureShape) -> [Int] {
    rows.flatMap { row in
      let start = (row * shape.columns + columns.lowerBound) * shape.channels
      return start..<start + columns.count * shape.channels
    }
  }

  /// A name a value: `pixel:ROW:COLUMN`, and `:CHANNEL` where there are several.
  func featureNames(in shape: PictureShape) -> [String] {
    rows.flatMap { row in
      columns.flatMap { column in
        shape.channels == 1
          ? ["pixel:\(row):\(column)"] : (0..<shape.channels).map { "pixel:\(row):\(column):\($0)" }
      }
    }
  }

  /// The way the block's values lie.
  func geometry(in shape: PictureShape) -> FeatureGeometry {
    .grid(rows: rows.count, columns: columns.count, channels: shape.channels)
  }
}
