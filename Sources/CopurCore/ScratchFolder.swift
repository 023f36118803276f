package import Foundation

#if canImport(Glibc)
  internal import Glibc
#endif

/// A folder under the system's temporary one, readable by its owner alone, that is removed with this value.
///
/// A process that is killed leaves its folders, with keys and rows in them: the next one that makes such a folder removes those.
/// They are told from others by a lock (`flock(2)`) on a file in each, which ends with its process, however that ends, and has the
/// machine's name in it: locks of other machines on a shared disk are not always seen.
package final class ScratchFolder: Sendable {
  /// The folder's place.
  package let url: URL
  private let lock: Int32

  /// Begins the names of all such folders.
  private static let prefix = "copur-"
  /// The file whose lock says that a folder is in use; a copy of the folder is none without it.
  package static let lockName = ".in-use"

  private static var machine: [UInt8] {
    var name = [UInt8](repeating: 0, count: 256)
    let isThere = name.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { gethostname($0, bytes.count - 1) == 0 } ?? false
    }
    return isThere ? Array(name.prefix { $0 != 0 }) : []
  }

  /// Makes a folder, and removes those of processes that are gone.
  ///
  /// - Parameters:
  ///   - purpose: A word for its name, such as "train".
  ///   - parent: The folder that it is made in.
  /// - Throws: ``CopurError`` of code `.cannotCreate`.
  package init(_ purpose: String, in parent: URL = FileManager.default.temporaryDirectory) throws(CopurError) {
    Self.removeAbandoned(in: parent)
    let name = "\(Self.prefix)\(purpose)-\(UUID().uuidString)"
    url = parent.appending(path: name)
    // Under another name until it is locked, so that nobody takes it for one that was left.
    let hidden = parent.appending(path: ".\(name)")
    let path = hidden.appending(path: Self.lockName).path
    do {
      try FileManager.default.createDirectory(
        at: hidden, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CopurError(.cannotCreate, "\(hidden.path): a folder for the time being cannot be made", cause: error)
    }
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let machine = Self.machine
    let isLocked =
      lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 && pwrite(lock, machine, machine.count, 0) == machine.count
    guard isLocked, rename(hidden.path, url.path) == 0 else {
      let reason = String(cString: strerror(errno))
      if lock >= 0 { close(lock) }
      try? FileManager.default.removeItem(at: hidden)
      throw CopurError(.cannotCreate, "\(url.path): a folder for the time being cannot be made: \(reason)")
    }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
    close(lock)
  }

  /// Removes folders of this user and machine whose processes are gone.
  private static func removeAbandoned(in parent: URL) {
    let machine = Data(machine)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? [] where name.hasPrefix(prefix) {
      let folder = parent.appending(path: name)
      var status = stat()
      // Neither a link nor a folder of somebody else, who may have put anything there.
      guard lstat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
        continue
      }
      let file = folder.appending(path: lockName).path
      guard FileManager.default.contents(atPath: file) == machine else { continue }
      let descriptor = open(file, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(at: folder) }
      close(descriptor)
    }
  }
}
