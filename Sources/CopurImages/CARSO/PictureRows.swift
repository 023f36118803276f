internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The rules for pictures that come from outside.
enum PictureRows {
  /// - Throws: `CopurError` if pictures do not fit the shape, a value is not from 0 to 1, or a label is none of the
  ///   classes.
  static func check(_ pictures: LabelledRows, shape: ImageShape, classes: Int, radius: Float) throws {
    guard pictures.features.columns == shape.count, !pictures.labels.isEmpty else {
      throw CopurError(
        .invalidData,
        "there are pictures, of \(shape) numbers each "
          + "(actual: \(pictures.labels.count) of \(pictures.features.columns))"
      )
    }
    if let value = pictures.features.values.first(where: { !(0...1).contains($0) }) {
      throw CopurError(.invalidData, "a picture's values are from 0 to 1 (actual: \(value))")
    }
    if let label = pictures.labels.first(where: { !(0..<classes).contains($0) }) {
      throw CopurError(.invalidData, "a label is from 0 to \(classes - 1) (actual: \(label))")
    }
    guard radius >= 0, radius.isFinite else {
      throw CopurError(.invalidArgument, "the radius of an attack is 0 or more (actual: \(radius))")
    }
  }
}
