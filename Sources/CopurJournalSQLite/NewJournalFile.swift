internal import CopurCore
internal import Foundation
internal import GRDB

/// A journal's file that appears once it is whole and on the disk, and never in the place of another.
enum NewJournalFile {
  /// Makes it.
  ///
  /// - Parameter write: Writes the file of another name, which is then given the right one.
  /// - Returns: How many bytes it has.
  /// - Throws: ``CopurError`` of code `.cannotCreate` if something is there or cannot be written; what `write` throws.
  static func make(_ file: String, _ write: (String) throws -> Void) throws -> Int {
    func refused(_ reason: String) -> CopurError {
      CopurError(.cannotCreate, "\(file): the copy cannot be written: \(reason)")
    }
    // An empty link, too, is something.
    var status = stat()
    guard lstat(file, &status) != 0 else {
      throw CopurError(.cannotCreate, "\(file): a journal is copied to a new file (it is there)")
    }
    let partial = "\(file).\(UUID().uuidString).partial"
    defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(partial + suffix) } }
    do { try write(partial) } catch let error as DatabaseError {
      throw CopurError(.cannotCreate, "\(file): the copy cannot be written", cause: error)
    }
    let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refused(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
      throw refused(String(cString: strerror(errno)))
    }
    // Unlike a renaming it never replaces a file.
    guard link(partial, file) == 0 else { throw refused(String(cString: strerror(errno))) }
    let folder = open(URL(filePath: file).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      defer { close(folder) }
      guard fsync(folder) == 0 else { throw refused(String(cString: strerror(errno))) }
    }
    return Int(status.st_size)
  }
}
