internal import CopurCore
internal import Glibc

/// A file of lines to which whole lines are added, each on the disk before the next begins.
///
/// It belongs to one process at a time: the file is locked while it is open.
struct LedgerFile: ~Copyable {
  private let descriptor: Int32
  private let path: String

  /// Opens a file, or makes it, readable by its owner alone.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` if that cannot be, or another process has it.
  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CopurError(.cannotCreate, "\(path): the ledger cannot be opened: \(String(cString: strerror(errno)))")
    }
    // A device may be endless.
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw CopurError(.cannotCreate, "\(path): a ledger is a regular file")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CopurError(.cannotCreate, "\(path): a ledger is one agent's, and another process has this one")
    }
  }

  deinit { close(descriptor) }

  /// Reads whole lines, and cuts off what a process that was killed had begun: such a line never counted.
  func wholeLines() throws -> [ArraySlice<UInt8>] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read") }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    let feed = UInt8(ascii: "\n")
    let whole = bytes.lastIndex(of: feed).map { $0 + 1 } ?? 0
    guard ftruncate(descriptor, off_t(whole)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw failure("written")
    }
    return bytes[..<whole].split(separator: feed)
  }

  /// Adds lines, and returns when they are on the disk.
  func append(_ lines: [UInt8]) throws {
    var written = 0
    while written < lines.count {
      let count = lines.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, lines.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("written") }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw failure("written") }
  }

  private func failure(_ operation: String) -> CopurError {
    CopurError(.io, "\(path): the ledger cannot be \(operation): \(String(cString: strerror(errno)))")
  }
}
