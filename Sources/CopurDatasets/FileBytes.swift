internal import CZlib
internal import CopurCore
internal import Foundation

/// The content of files that may be gzip-compressed (RFC 1952).
package enum FileBytes {
  /// The most that a file may unpack to. The largest data file known here has 47 MB; a bomb stops at this size.
  package static let defaultLimit = 1 << 30

  private static let chunk = 1 << 18

  /// Reads a file, unpacking it if it is gzip.
  ///
  /// Whether it is gzip is told by its first two bytes, not by its name; but a name that ends in `.gz` has to hold true.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes that it may unpack to.
  /// - Returns: The unpacked bytes.
  /// - Throws: ``CopurError`` that names the file: `.missingInput` if it cannot be opened, `.io` if it cannot be read,
  ///   `.invalidData` if it is cut off, corrupt or over the limit.
  package static func read(_ path: String, limit: Int = defaultLimit) throws -> [UInt8] {
    let raw = try content(of: path, limit: limit)
    guard raw.starts(with: magic) else {
      guard !path.hasSuffix(".gz") else {
        throw CopurError(.invalidData, "\(path): a file named .gz begins with the bytes 1f 8b (actual: \(hex(raw)))")
      }
      return raw
    }
    var bytes: [UInt8] = []
    var position = 0
    // A gzip file is one member or several (RFC 1952, section 2.2), which tools may pad with zeros.
    while position < raw.count {
      guard raw[position...].starts(with: magic) else {
        guard let other = raw[position...].firstIndex(where: { $0 != 0 }) else { break }
        throw CopurError(
          .invalidData,
          "\(path): nothing follows the gzip stream (actual: \(raw.count - other) bytes after \(bytes.count) unpacked ones)"
        )
      }
      try unpackMember(of: raw, at: &position, to: &bytes, path: path, limit: limit)
    }
    return bytes
  }

  private static let magic: [UInt8] = [0x1F, 0x8B]

  /// The bytes of a file as they are.
  private static func content(of path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CopurError(.missingInput, "\(path): cannot be opened (\(reason(errno)))")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = Glibc.read(descriptor, &buffer, chunk)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw CopurError(.io, "\(path): cannot be read (\(reason(errno)))") }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw CopurError(.invalidData, "\(path): unpacks to more than is allowed (max: \(limit) bytes)")
      }
      bytes += buffer[..<count]
    }
  }

  /// Unpacks one member of a gzip file.
  ///
  /// - Parameters:
  ///   - position: Where the member begins; where it ends, afterwards.
  ///   - bytes: What was unpacked before; this member's content is added.
  private static func unpackMember(
    of raw: [UInt8], at position: inout Int, to bytes: inout [UInt8], path: String, limit: Int
  ) throws {
    var stream = z_stream()
    // 31: gzip alone, with the largest window.
    let started = inflateInit2_(&stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw CopurError(.software, "\(path): zlib could not start (status: \(started))") }
    defer { inflateEnd(&stream) }
    var buffer = [UInt8](repeating: 0, count: chunk)
    var status = Z_OK
    while status != Z_STREAM_END {
      let available = min(raw.count - position, chunk)
      let (used, made) = raw.withUnsafeBufferPointer { raw in
        buffer.withUnsafeMutableBufferPointer { buffer in
          // zlib does not write to its input.
          stream.next_in = UnsafeMutablePointer(mutating: raw.baseAddress! + position)
          stream.avail_in = UInt32(available)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(chunk)
          status = inflate(&stream, Z_NO_FLUSH)
          return (available - Int(stream.avail_in), chunk - Int(stream.avail_out))
        }
      }
      position += used
      guard bytes.count + made <= limit else {
        throw CopurError(.invalidData, "\(path): unpacks to more than is allowed (max: \(limit) bytes)")
      }
      bytes += buffer[..<made]
      switch status {
      case Z_OK, Z_STREAM_END: break
      case Z_BUF_ERROR where position == raw.count:
        throw CopurError(.invalidData, "\(path): the gzip stream is cut off (\(bytes.count) bytes could be unpacked)")
      default:
        let detail = stream.msg.map { String(cString: $0) } ?? "status \(status)"
        throw CopurError(.invalidData, "\(path): the gzip stream is corrupt (\(detail))")
      }
    }
  }

  private static func reason(_ code: Int32) -> String { code == 0 ? "no memory" : String(cString: strerror(code)) }

  private static func hex(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "an empty file" }
    return bytes.prefix(2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
