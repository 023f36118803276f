import CZlib
import CopurCore

/// Files of images, written byte by byte.
enum ImageFixtures {
  /// An IDX file of bytes.
  static func idx(_ dimensions: [Int], _ elements: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { bigEndian($0, 4) } + elements
  }

  /// An NPY array as NumPy writes it.
  static func npy(_ type: String, _ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    header += String(repeating: " ", count: 64 - (header.utf8.count + 11) % 64) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(header.utf8.count, 2) + Array(header.utf8) + bytes
  }

  /// An NPY array of single precision.
  static func npy(_ shape: [Int], _ numbers: [Float]) -> [UInt8] {
    npy("<f4", shape, numbers.flatMap { littleEndian(Int($0.bitPattern), 4) })
  }

  /// A ZIP archive of stored members, each with `.npy` after its name.
  static func npz(_ arrays: [(name: String, content: [UInt8])]) -> [UInt8] {
    var (local, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in arrays {
      let name = Array("\(name).npy".utf8)
      let sizes = littleEndian(checksum(content), 4) + littleEndian(content.count, 4) + littleEndian(content.count, 4)
      let common = [UInt8](repeating: 0, count: 8) + sizes + littleEndian(name.count, 2) + [0, 0]
      directory += littleEndian(0x0201_4B50, 4) + [20, 0, 20, 0] + common + [UInt8](repeating: 0, count: 10)
      directory += littleEndian(local.count, 4) + name
      local += littleEndian(0x0403_4B50, 4) + [20, 0] + common + name + content
    }
    let count = littleEndian(arrays.count, 2)
    return local + directory + littleEndian(0x0605_4B50, 4) + [0, 0, 0, 0] + count + count
      + littleEndian(directory.count, 4) + littleEndian(local.count, 4) + [0, 0]
  }

  /// The kinds of pixels of a PNG file, by their numbers there.
  enum Color: Int {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6
  }

  /// A PNG file (PNG specification, third edition).
  ///
  /// - Parameters:
  ///   - lines: The bytes of each row of pixels, without a filter.
  ///   - palette: Three bytes a colour.
  ///   - before: Chunks before the pixels.
  static func png(
    columns: Int, _ color: Color, depth: UInt8 = 8, lines: [[UInt8]], palette: [UInt8] = [],
    before: [(type: String, content: [UInt8])] = []
  ) -> [UInt8] {
    let header = bigEndian(columns, 4) + bigEndian(lines.count, 4) + [depth, UInt8(color.rawValue), 0, 0, 0]
    // 0 before each line: no filter.
    let unpacked: [UInt8] = lines.flatMap { [0] + $0 }
    var size = compressBound(UInt(unpacked.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    let status = compress(&packed, &size, unpacked, UInt(unpacked.count))
    precondition(status == Z_OK)
    var chunks = [("IHDR", header)] + before.map { ($0.type, $0.content) }
    if !palette.isEmpty { chunks.append(("PLTE", palette)) }
    chunks += [("IDAT", Array(packed[..<Int(size)])), ("IEND", [])]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunks.flatMap { chunk($0.0, $0.1) }
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(content.count, 4) + body + bigEndian(checksum(body), 4)
  }

  private static func checksum(_ bytes: [UInt8]) -> Int { Int(crc32(0, bytes, UInt32(bytes.count))) }

  private static func littleEndian(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func bigEndian(_ value: Int, _ size: Int) -> [UInt8] { littleEndian(value, size).reversed() }
}

/// Settings given by name, in place of a scenario's section.
struct GivenSettings: SettingSource {
  var values: [String: SettingValue]

  var keys: Set<String> { Set(values.keys) }
  func value(of setting: SettingDescription, in context: KindContext) throws -> SettingValue? { values[setting.key] }
  func error(_ message: String, at key: String?) -> any Error {
    CopurError(.invalidArgument, "\(key ?? "dataset"): \(message)")
  }
  func missing(_ key: String) -> any Error { CopurError(.invalidArgument, "\(key) is missing") }
}
