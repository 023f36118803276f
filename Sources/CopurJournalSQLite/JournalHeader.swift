internal import CopurCore
internal import Foundation

/// The first 100 bytes of an SQLite file (sqlite.org, "Database File Format", section 1.3).
enum JournalHeader {
  /// Writes the header of a journal anew, over one that was destroyed; the page behind it stays as it is.
  ///
  /// - Parameter name: The journal's name, for messages.
  /// - Throws: ``CopurError`` of code `.invalidData` if the file is not one of whole pages.
  static func rewrite(_ path: String, of name: String) throws {
    let page = 4096
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)??.intValue ?? 0
    guard size > 0, size.isMultiple(of: page), let file = try? FileHandle(forUpdating: URL(filePath: path)) else {
      throw CopurError(.invalidData, "\(name): a journal has pages of \(page) bytes (actual: \(size) bytes)")
    }
    var header = [UInt8](repeating: 0, count: 100)
    func put(_ number: UInt32, at offset: Int) {
      for byte in 0..<4 { header[offset + byte] = UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32(byte))) }
    }
    header.replaceSubrange(0..<16, with: Array("SQLite format 3\0".utf8))
    header.replaceSubrange(16..<18, with: [UInt8(page >> 8), 0])
    // WAL for reading and writing; the payload fractions are fixed.
    header.replaceSubrange(18..<24, with: [2, 2, 0, 64, 32, 32])
    put(1, at: 24)
    put(UInt32(size / page), at: 28)
    put(1, at: 40)
    put(4, at: 44)
    put(1, at: 56)
    put(UInt32(JournalSchema.version), at: 60)
    put(UInt32(bitPattern: JournalSchema.applicationID), at: 68)
    // Only with these two is the number of pages believed.
    put(1, at: 92)
    put(3_040_000, at: 96)
    try file.write(contentsOf: Data(header))
    try file.close()
  }
}
