/// Ranges of pictures so small that what their draws need at once stays within some hundred megabytes.
enum PictureChunks {
  /// The number of rows, pictures times draws, that go through a network at a time.
  private static let rows = 1024

  /// The ranges in their order, which together are all pictures.
  ///
  /// - Parameters:
  ///   - count: The pictures in all.
  ///   - each: The rows of a picture.
  static func ranges(_ count: Int, rowsOfEach each: Int) -> [Range<Int>] {
    let size = max(1, rows / max(1, each))
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}
