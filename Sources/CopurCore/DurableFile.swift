public import Foundation

/// Files that are there whole or not at all, also after the machine lost its power.
public enum DurableFile {
  /// Writes a file in the place of an older one; when this returns, it is on the disk.
  ///
  /// - Parameter permissions: As for `chmod`.
  /// - Throws: ``CopurError`` of code `.io` that names the file.
  public static func write(_ data: Data, to file: URL, permissions: mode_t = 0o600) throws {
    let temporary = file.deletingLastPathComponent().appending(path: ".\(file.lastPathComponent).\(UUID().uuidString)")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw failure("created", file) }
    do {
      defer { close(descriptor) }
      try data.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
          let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { throw failure("written", file) }
          done += count
        }
      }
      guard fsync(descriptor) == 0 else { throw failure("written", file) }
      guard rename(temporary.path, file.path) == 0 else { throw failure("put in its place", file) }
      try syncFolder(of: file)
    } catch {
      unlink(temporary.path)
      throw error
    }
  }

  /// A name in a folder lasts only once the folder is written, too.
  private static func syncFolder(of file: URL) throws {
    let folder = open(file.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure("put in its place", file) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure("put in its place", file) }
  }

  private static func failure(_ what: String, _ file: URL) -> CopurError {
    CopurError(.io, "\(file.path) cannot be \(what): \(String(cString: strerror(errno)))")
  }
}
