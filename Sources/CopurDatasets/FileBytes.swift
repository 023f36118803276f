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
    // Nil with errno set if open(2) fails; nil with errno 0 if there is no memory for the state.
    errno = 0
    guard let file = gzopen(path, "rb") else {
      throw CopurError(.missingInput, "\(path): cannot be opened (\(reason(errno)))")
    }
    var isOpen = true
    defer { if isOpen { _ = gzclose_r(file) } }
    gzbuffer(file, UInt32(chunk))

    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      // > 0: that many bytes; 0: the end, possibly of a stream that was cut off; −1: gzerror says what.
      let count = gzread(file, &buffer, UInt32(chunk))
      if count < 0 { throw failure(of: file, path: path) }
      if count == 0 { break }
      guard bytes.count + Int(count) <= limit else {
        throw CopurError(.invalidData, "\(path): unpacks to more than is allowed (max: \(limit) bytes)")
      }
      bytes += buffer[..<Int(count)]
    }
    // Only meaningful after the first read: 1 if the bytes were passed on as they are.
    if gzdirect(file) == 1, path.hasSuffix(".gz") {
      throw CopurError(.invalidData, "\(path): a file named .gz begins with the bytes 1f 8b (actual: \(hex(bytes)))")
    }
    isOpen = false
    // Z_OK; Z_BUF_ERROR: the last read ended in the middle of a stream; Z_ERRNO: close(2) failed, of no interest to a
    // reader; Z_STREAM_ERROR: not open for reading, which would be our error.
    switch gzclose_r(file) {
    case Z_OK, Z_ERRNO: return bytes
    case Z_BUF_ERROR:
      throw CopurError(.invalidData, "\(path): the gzip stream is cut off (\(bytes.count) bytes could be unpacked)")
    case let status: throw CopurError(.software, "\(path): zlib could not close the file (status: \(status))")
    }
  }

  private static func failure(of file: gzFile, path: String) -> CopurError {
    var status: Int32 = Z_OK
    let message = gzerror(file, &status).map { String(cString: $0) } ?? ""
    if status == Z_ERRNO { return CopurError(.io, "\(path): cannot be read (\(reason(errno)))") }
    // zlib puts the path in front of its messages.
    let detail = message.hasPrefix("\(path): ") ? String(message.dropFirst(path.count + 2)) : message
    return CopurError(.invalidData, "\(path): the gzip stream is corrupt (\(detail))")
  }

  private static func reason(_ code: Int32) -> String { code == 0 ? "no memory" : String(cString: strerror(code)) }

  private static func hex(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "an empty file" }
    return bytes.prefix(2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
