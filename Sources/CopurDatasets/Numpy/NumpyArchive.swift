internal import CZlib
internal import CopurCore
internal import Foundation

/// The arrays of an NPZ file: a ZIP archive of NPY files, stored or deflated (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4).
package struct NumpyArchive {
  /// The arrays by name, without the ending `.npy`.
  package let arrays: [String: NumpyArray]
  /// The names of all arrays that the archive has, read or not.
  package let names: [String]

  /// Reads a file.
  ///
  /// - Parameter limit: The most bytes that its members may unpack to together.
  /// - Throws: ``CopurError`` that names the file: `.missingInput` if it cannot be opened; `.invalidData` if it is no such
  ///   archive, damaged, or over the limit.
  package init(reading path: String, limit: Int = FileBytes.defaultLimit) throws {
    try self.init(file: path, bytes: try FileBytes.read(path, limit: limit), limit: limit)
  }

  /// - Parameters:
  ///   - file: The file's name for messages.
  ///   - bytes: Its content.
  ///   - wanted: The names of the arrays to read, of those that there are; nil for all.
  ///   - limit: The most bytes that its members may unpack to together.
  package init(
    file: String, bytes: [UInt8], only wanted: Set<String>? = nil, limit: Int = FileBytes.defaultLimit
  ) throws {
    var arrays: [String: NumpyArray] = [:]
    var names: [String] = []
    var unpacked = 0
    for member in try Self.members(file: file, bytes: bytes) where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      names.append(name)
      if let wanted, !wanted.contains(name) { continue }
      let content = try member.content(of: bytes, file: file, limit: limit - unpacked)
      unpacked += content.count
      guard
        arrays.updateValue(try NumpyArray(file: "\(file): \(member.name)", bytes: content[...]), forKey: name) == nil
      else { throw CopurError(.invalidData, "\(file): a member comes once (twice: \(member.name))") }
    }
    self.arrays = arrays
    self.names = names
  }

  /// An entry of the central directory.
  private struct Member {
    let name: String
    let method: Int
    let checksum: UInt32
    let packed: Int
    let size: Int
    let header: Int

    func content(of bytes: [UInt8], file: String, limit: Int) throws -> [UInt8] {
      func invalid(_ rule: String) -> CopurError { CopurError(.invalidData, "\(file): \(name): \(rule)") }
      guard size <= limit else { throw invalid("unpacks to more than is allowed (max: \(limit) bytes, says: \(size))") }
      guard header >= 0, header + 30 <= bytes.count, number(bytes, header, 4) == 0x0403_4B50 else {
        throw invalid("a local header at offset \(header)")
      }
      let start = header + 30 + number(bytes, header + 26, 2) + number(bytes, header + 28, 2)
      guard packed >= 0, start + packed <= bytes.count else {
        throw invalid("is cut off (\(packed) bytes at \(start))")
      }
      let body = bytes[start..<start + packed]
      let content: [UInt8]
      switch method {
      case 0: content = Array(body)
      case 8: content = try inflated(body, invalid)
      default: throw invalid("is stored or deflated (method: \(method))")
      }
      guard content.count == size else { throw invalid("unpacks to \(size) bytes (actual: \(content.count))") }
      let actual = content.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
      guard UInt32(truncatingIfNeeded: actual) == checksum else { throw invalid("its checksum is right (it is not)") }
      return content
    }

    private func inflated(_ body: ArraySlice<UInt8>, _ invalid: (String) -> CopurError) throws -> [UInt8] {
      var stream = z_stream()
      // −15: a raw stream with the largest window.
      guard inflateInit2_(&stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw CopurError(.software, "zlib could not start")
      }
      defer { inflateEnd(&stream) }
      // One byte more than it says, to see whether it holds more.
      var output = [UInt8](repeating: 0, count: size + 1)
      let status = body.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
          stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
          stream.avail_in = UInt32(input.count)
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          return inflate(&stream, Z_FINISH)
        }
      }
      guard status == Z_STREAM_END else {
        throw invalid("the deflated stream is whole, and unpacks to \(size) bytes (status: \(status))")
      }
      return Array(output.dropLast(Int(stream.avail_out)))
    }
  }

  /// The members that the central directory at the end of the file lists.
  private static func members(file: String, bytes: [UInt8]) throws -> [Member] {
    func invalid(_ rule: String) -> CopurError { CopurError(.invalidData, "\(file): \(rule)") }
    // The end record is 22 bytes and a comment of up to 65535.
    let earliest = max(0, bytes.count - 22 - 65535)
    guard bytes.count >= 22,
      let end = stride(from: bytes.count - 22, through: earliest, by: -1).first(where: {
        number(bytes, $0, 4) == 0x0605_4B50
      })
    else { throw invalid("an NPZ archive ends with a directory (it is no ZIP file, or cut off)") }
    var position = number(bytes, end + 16, 4)
    var members: [Member] = []
    for _ in 0..<number(bytes, end + 10, 2) {
      guard position + 46 <= bytes.count, number(bytes, position, 4) == 0x0201_4B50 else {
        throw invalid("an entry of the directory at offset \(position)")
      }
      let (name, extra, comment) = (
        number(bytes, position + 28, 2), number(bytes, position + 30, 2), number(bytes, position + 32, 2)
      )
      guard position + 46 + name + extra + comment <= bytes.count else {
        throw invalid("the directory is cut off at offset \(bytes.count)")
      }
      let (packed, size, header) = (
        number(bytes, position + 20, 4), number(bytes, position + 24, 4), number(bytes, position + 42, 4)
      )
      guard number(bytes, position + 8, 2) & 1 == 0, max(packed, size, header) < 0xFFFF_FFFF else {
        throw invalid("members are not encrypted, and under four gigabytes")
      }
      members.append(
        Member(
          name: String(decoding: bytes[position + 46..<position + 46 + name], as: UTF8.self),
          method: number(bytes, position + 10, 2), checksum: UInt32(number(bytes, position + 16, 4)), packed: packed,
          size: size, header: header))
      position += 46 + name + extra + comment
    }
    return members
  }
}

/// A little-endian number of 2 or 4 bytes; the caller has checked that they are there.
private func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
  (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
}
