internal import Glibc

/// A file that is to be written in one piece or not at all.
struct CertificateFile {
  var path: String
  var mode: mode_t
  var bytes: [UInt8]

  /// Writes all files under temporary names first, so that one that cannot be written leaves nothing behind.
  ///
  /// Old files of these names are all removed before the first new one takes its place: if this ends in the middle, files
  /// are missing, which is seen at once, and never does an old certificate lie beside a new key.
  static func write(_ files: [CertificateFile], in directory: String) throws(TLSError) {
    if mkdir(directory, 0o755) != 0, errno != EEXIST { throw failure("make the directory", directory) }
    do throws(TLSError) {
      for file in files { try file.writeTemporary() }
      for file in files where unlink(file.path) != 0 && errno != ENOENT { throw failure("replace", file.path) }
      for file in files {
        guard rename(file.temporaryPath, file.path) == 0 else { throw failure("put in place", file.path) }
      }
    } catch {
      for file in files { unlink(file.temporaryPath) }
      throw error
    }
  }

  private var temporaryPath: String { "\(path).new" }

  private func writeTemporary() throws(TLSError) {
    // A file that an earlier run left could have a wider mode.
    unlink(temporaryPath)
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Self.failure("create", temporaryPath) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write", temporaryPath) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw Self.failure("write", temporaryPath) }
  }

  private static func failure(_ operation: String, _ path: String) -> TLSError {
    TLSError(code: .fileUnwritable, message: "cannot \(operation) \(path): \(String(cString: strerror(errno)))")
  }
}
