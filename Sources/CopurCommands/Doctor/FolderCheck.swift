import CLinux
import CopurCore
import Foundation

/// A folder in which the program writes: whether it can, on which file system, and how much room there is.
struct FolderCheck {
  let subject: String
  let path: String
  /// Whether a journal lies there, which has to last and to be locked.
  var holdsJournal = false
  /// Room below which work will soon end, and below which it is worth a word.
  private static let (needed, comfortable) = (64 << 20, 1 << 30)

  func findings() -> [Finding] {
    // A journal's file is made, its folder is not.
    if holdsJournal, !FileManager.default.fileExists(atPath: path) {
      return [.fault(subject, .cannotCreate, "\(path): the journal's folder is not there", do: "mkdir -p \(path)")]
    }
    guard let folder = existing else {
      return [
        .fault(subject, .cannotCreate, "\(path) is no folder, and none above it is", do: "name a folder that is there")
      ]
    }
    let probe = "\(folder)/.copur-doctor-\(UUID().uuidString)"
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      return [
        .fault(
          subject, .cannotCreate, "\(folder) cannot be written: \(String(cString: strerror(errno)))",
          do: "make it writable for this user, or name another folder")
      ]
    }
    close(descriptor)
    unlink(probe)
    return [room(in: folder)] + (holdsJournal ? fileSystem(of: folder) : [])
  }

  /// The folder, or the nearest one above it that is there: the rest would be made.
  private var existing: String? {
    var url = URL(filePath: path).standardizedFileURL
    while true {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
        return isFolder.boolValue ? url.path : nil
      }
      guard url.path != "/" else { return nil }
      url = url.deletingLastPathComponent()
    }
  }

  private func room(in folder: String) -> Finding {
    var room = statvfs()
    guard statvfs(folder, &room) == 0 else { return .ok(subject, "\(folder) can be written") }
    let free = Int(clamping: UInt64(room.f_bavail) * UInt64(room.f_frsize))
    let text = "\(folder): \(free >> 20) MiB free"
    let remedy = "make room on its disk, or name another folder"
    if free < Self.needed { return .fault(subject, .io, "\(text), 64 are needed", do: remedy) }
    if free < Self.comfortable { return .warning(subject, "\(text), less than 1024", do: remedy) }
    return .ok(subject, text)
  }

  private func fileSystem(of folder: String) -> [Finding] {
    guard let kind = FileSystemKind(of: folder) else { return [] }
    switch kind.trouble {
    case nil: return [.ok(subject, "\(folder) lies in \(kind.name)")]
    case .locks:
      return [
        .warning(
          subject, "\(folder) lies in \(kind.name), a network file system, on which SQLite's locks may not hold",
          do: "put the journal on a disk of this machine")
      ]
    case .forgets:
      return [
        .warning(
          subject, "\(folder) lies in \(kind.name), which is gone after a restart, and the journal with it",
          do: "put the journal on a disk, in a container in a volume")
      ]
    }
  }
}

/// The sort of file system that a folder lies in, as far as a journal cares (statfs(2)).
private struct FileSystemKind {
  /// The troubles that it has for a journal.
  enum Trouble { case locks, forgets }

  let name: String
  let trouble: Trouble?

  init?(of folder: String) {
    // linux/magic.h
    switch copur_file_system_type(folder) {
    case -1: return nil
    case 0x6969: (name, trouble) = ("NFS", .locks)
    case 0xFF53_4D42, 0xFE53_4D42, 0x517B: (name, trouble) = ("SMB", .locks)
    case 0x0102_1997: (name, trouble) = ("9p", .locks)
    case 0x00C3_6400: (name, trouble) = ("Ceph", .locks)
    case 0x0BD0_0BD0: (name, trouble) = ("Lustre", .locks)
    case 0x6573_5546: (name, trouble) = ("FUSE", .locks)
    case 0x0102_1994: (name, trouble) = ("tmpfs", .forgets)
    case 0x8584_58F6: (name, trouble) = ("ramfs", .forgets)
    case 0x794C_7630: (name, trouble) = ("overlayfs", .forgets)
    case 0xEF53: (name, trouble) = ("ext4", nil)
    case 0x5846_5342: (name, trouble) = ("XFS", nil)
    case 0x9123_683E: (name, trouble) = ("Btrfs", nil)
    case 0x2FC1_2FC1: (name, trouble) = ("ZFS", nil)
    case 0xF2F5_2010: (name, trouble) = ("F2FS", nil)
    case let other: (name, trouble) = ("a file system of type 0x\(String(other, radix: 16))", nil)
    }
  }
}
