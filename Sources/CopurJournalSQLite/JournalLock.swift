internal import CopurCore
internal import Glibc

/// The right to write to a journal: one process has it at a time, until it ends, however it ends.
///
/// It is a lock of `flock(2)` on the database file itself, so that no other name of the file gets around it. SQLite's own
/// locks on the file are of another kind (`fcntl(2)`) and are not affected, and readers take none. It must not be closed
/// before SQLite's connection: closing any descriptor of a file ends all `fcntl` locks that the process has on it.
struct JournalLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// - Throws: ``CopurError`` of code `.unavailable` if another process has it, of `.cannotCreate` if the file cannot be
  ///   opened.
  init(path: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CopurError(.cannotCreate, "\(path): the journal cannot be opened: \(String(cString: strerror(errno)))")
    }
    // 0 on success, −1 on failure; EWOULDBLOCK where another process has the lock.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      close(descriptor)
      if reason == EWOULDBLOCK {
        throw CopurError(.unavailable, "\(path): another fusion center writes to this journal")
      }
      throw CopurError(.cannotCreate, "\(path): the journal cannot be locked: \(String(cString: strerror(reason)))")
    }
  }

  deinit {
    // Said, since the descriptor alone may live on in a child that has been forked and has not yet begun its program.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
