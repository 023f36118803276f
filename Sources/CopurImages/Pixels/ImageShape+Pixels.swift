internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension ImageShape {
  /// The number of pixels, whatever the channels; `Int.max` where there are more than that.
  var pixelCount: Int { ImageShape(rows: rows, columns: columns, channels: 1).count }

  /// Checks that rows are pictures of this shape, with a class each.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` that says the rule and the value.
  func check(_ pictures: Matrix, labels: [Int], classes: Int) throws {
    guard pictures.columns == count else {
      throw CopurError(.invalidData, "pictures of \(self) have \(count) numbers (actual: \(pictures.columns))")
    }
    guard pictures.rows == labels.count, pictures.rows >= 1 else {
      throw CopurError(
        .invalidData, "a picture and up, with a class each (actual: \(pictures.rows) and \(labels.count))")
    }
    if let label = labels.first(where: { !(0..<classes).contains($0) }) {
      throw CopurError(.invalidData, "classes are from 0 to \(classes - 1) (actual: \(label))")
    }
    guard pictures.isFinite else { throw CopurError(.invalidData, "pictures have finite numbers only") }
  }
}
