internal import CopurCore

/// A file of unsigned bytes in IDX format, in which MNIST and its relatives are published.
///
/// Two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension as 4 bytes big-endian, then the
/// elements, the last dimension fastest.
package struct IDXFile {
  /// The size of each dimension.
  package let dimensions: [Int]
  /// The elements: the product of the dimensions in number.
  package let elements: ArraySlice<UInt8>

  /// - Parameters:
  ///   - file: The file's name for messages.
  ///   - bytes: Its unpacked content.
  ///   - dimensionCount: How many dimensions it has to have.
  /// - Throws: ``CopurError`` of code `.invalidData`, with file and offset, if the content breaks the format.
  package init(file: String, bytes: [UInt8], dimensionCount: Int) throws {
    let headerSize = 4 + 4 * dimensionCount
    guard bytes.count >= headerSize else {
      throw CopurError(
        .invalidData,
        "\(file): the header is cut off at offset \(bytes.count) (expected: \(headerSize) bytes)")
    }
    guard Array(bytes[..<4]) == [0, 0, 8, UInt8(dimensionCount)] else {
      throw CopurError(
        .invalidData,
        "\(file): an IDX file of bytes in \(dimensionCount) dimensions begins with 0 0 8 \(dimensionCount) "
          + "(actual: \(bytes[..<4].map(String.init).joined(separator: " ")), offset 0)")
    }
    dimensions = (0..<dimensionCount).map { index in
      bytes[(4 + 4 * index)..<(8 + 4 * index)].reduce(0) { $0 << 8 | Int($1) }
    }
    let available = bytes.count - headerSize
    // Division, since a product of sizes that a file claims may overflow.
    var expected = 1
    for dimension in dimensions {
      guard dimension == 0 || expected <= available / dimension else {
        throw CopurError(
          .invalidData,
          "\(file): the elements are cut off at offset \(bytes.count) "
            + "(expected: \(dimensions.map(String.init).joined(separator: " × ")), actual: \(available))")
      }
      expected *= dimension
    }
    guard expected == available else {
      throw CopurError(
        .invalidData,
        "\(file): the elements end at offset \(headerSize + expected) (actual: \(available - expected) bytes follow)")
    }
    elements = bytes[headerSize...]
  }
}
