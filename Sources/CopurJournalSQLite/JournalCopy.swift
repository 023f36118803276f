internal import Foundation

/// A copy of a journal, file and WAL, in a temporary folder, removed with this value.
final class JournalCopy: Sendable {
  /// The copied file.
  let path: String
  private let folder: URL

  /// - Throws: Foundation's errors.
  init(of journal: String) throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.appending(path: "copur-journal-\(UUID().uuidString)")
    path = folder.appending(path: "journal.sqlite").path
    try files.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    do {
      for suffix in ["", "-wal"] where files.fileExists(atPath: journal + suffix) {
        try files.copyItem(atPath: journal + suffix, toPath: path + suffix)
        try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
      }
    } catch {
      try? files.removeItem(at: folder)
      throw error
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
