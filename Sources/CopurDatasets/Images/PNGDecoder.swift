internal import CPNG
internal import CopurCore

/// PNG images as bytes, by libpng's simplified interface.
///
/// Values are as they are stored, whatever gamma or colour profile a file states; 16 bits are rounded to 8, fewer are
/// stretched, and a palette is looked up.
struct PNGDecoder {
  private let shape: PictureShape
  /// Room for an image with opacity.
  private var scratch: [UInt8] = []

  /// - Parameter shape: The extents of all images, with 1 channel or 3.
  init(shape: PictureShape) { self.shape = shape }

  /// Decodes an image. Opacity is dropped, not blended with a background.
  ///
  /// - Parameters:
  ///   - file: The file's name for messages.
  ///   - bytes: Its content.
  ///   - output: Room for its values, `shape.valueCount` of them.
  /// - Throws: ``CopurError`` of code `.invalidData` if the file is damaged or of another size.
  mutating func decode(file: String, bytes: [UInt8], into output: UnsafeMutableBufferPointer<UInt8>) throws {
    let shape = shape
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    // The memory has to stay where it is until the image is read, hence one closure.
    try Self.criticalChunks(of: bytes).withUnsafeBytes { memory in
      // 0: failed, with a message; otherwise the header has been read.
      guard png_image_begin_read_from_memory(&image, memory.baseAddress, memory.count) != 0 else {
        throw Self.damaged(file, image)
      }
      guard Int(image.height) == shape.rows, Int(image.width) == shape.columns else {
        throw CopurError(
          .invalidData,
          "\(file): an image is \(shape.rows) × \(shape.columns) pixels (actual: \(image.height) × \(image.width))")
      }
      // 16 bits without a stated gamma would count as linear, 8 bits as sRGB.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let hasAlpha = image.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
      image.format =
        (shape.channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)) | (hasAlpha ? UInt32(PNG_FORMAT_FLAG_ALPHA) : 0)
      guard hasAlpha else {
        guard png_image_finish_read(&image, nil, output.baseAddress, 0, nil) != 0 else {
          throw Self.damaged(file, image)
        }
        return
      }
      let (pixels, stride) = (shape.rows * shape.columns, shape.channels + 1)
      if scratch.isEmpty { scratch = [UInt8](repeating: 0, count: pixels * stride) }
      try scratch.withUnsafeMutableBufferPointer { scratch in
        guard png_image_finish_read(&image, nil, scratch.baseAddress, 0, nil) != 0 else {
          throw Self.damaged(file, image)
        }
        for pixel in 0..<pixels {
          for channel in 0..<shape.channels {
            output[pixel * shape.channels + channel] = scratch[pixel * stride + channel]
          }
        }
      }
    }
  }

  /// The file without its ancillary chunks, whose types begin with a small letter (PNG specification, third edition,
  /// sections 5.3 and 5.4): gamma, profile, texts. What is cut off stays so.
  private static func criticalChunks(of bytes: [UInt8]) -> [UInt8] {
    var kept = Array(bytes.prefix(8))
    kept.reserveCapacity(bytes.count)
    var position = 8
    // Length, type, content, checksum.
    while position + 8 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = min(position + 12 + length, bytes.count)
      if bytes[position + 4] & 0x20 == 0 { kept += bytes[position..<end] }
      position = end
    }
    return kept
  }

  private static func damaged(_ file: String, _ image: png_image) -> CopurError {
    let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return CopurError(.invalidData, "\(file): a PNG file that is whole (libpng: \(message))")
  }
}
