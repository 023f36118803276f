internal import CopurCore
internal import Foundation

/// The first chunk of a PNG file (PNG specification, third edition, sections 5.2 and 11.2.1): what an image's size and
/// colours are, without decoding it.
struct PNGHeader: Hashable, Sendable {
  let rows: Int
  let columns: Int
  /// Whether pixels have colours; those of a palette count as colours.
  let isColor: Bool

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The signature, length and type of the chunk, width, height, bit depth and colour type.
  private static let size = 26

  /// - Throws: ``CopurError`` that names the file: `.missingInput` if it cannot be opened; `.invalidData` if it is no
  ///   PNG file or claims more than ``PictureShape/valueLimit`` pixels.
  init(reading path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CopurError(.missingInput, "\(path): cannot be opened")
    }
    defer { try? handle.close() }
    let bytes: [UInt8]
    do {
      bytes = Array(try handle.read(upToCount: Self.size) ?? Data())
    } catch {
      throw CopurError(.io, "\(path): cannot be read", cause: error)
    }
    guard bytes.count == Self.size, bytes.starts(with: Self.signature), Array(bytes[12..<16]) == Array("IHDR".utf8)
    else {
      throw CopurError(
        .invalidData,
        "\(path): a PNG file begins with its signature and the chunk IHDR (actual: \(bytes.count) bytes, "
          + "\(bytes.prefix(4)))")
    }
    func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    let shape = try PictureShape(rows: number(20), columns: number(16), channels: 1).checked(in: path)
    (rows, columns) = (shape.rows, shape.columns)
    // The second bit of the colour type.
    isColor = bytes[25] & 2 != 0
  }
}
