internal import CopurCore

/// Pictures of one part, training or test, with their labels.
struct LabelledPixels: Sendable {
  /// The pictures; at least as many as there are labels.
  let pixels: PixelRows
  /// The class of each picture that was asked for.
  let labels: [Int]
  /// The extents of each picture.
  let shape: PictureShape

  /// The rows with columns of an order of one's own.
  func rows(places: [Int]) -> LabelledRows {
    LabelledRows(features: pixels.matrix(of: places, rows: labels.count), labels: labels)
  }

  /// The rows with the whole pictures.
  var rows: LabelledRows { rows(places: Array(0..<shape.valueCount)) }
}
