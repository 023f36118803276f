internal import CopurCore
internal import Foundation

/// The right to write to a folder of results, which one process at a time has.
///
/// The lock ends with the process, however that ends. Where a file system has no locks, such as some that machines share,
/// there is none, and the run goes on.
final class FolderLock: Sendable {
  private let file: FileHandle

  /// Makes a folder if it is not there, and locks it.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path if it cannot be made, or another process has the lock.
  init(_ url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      file = try FileHandle(forReadingFrom: url)
    } catch {
      throw CopurError(.cannotCreate, "\(url.path): the folder of results cannot be made", cause: error)
    }
    guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      throw CopurError(.cannotCreate, "\(url.path): one run at a time writes to a folder (another one does)")
    }
  }
}
