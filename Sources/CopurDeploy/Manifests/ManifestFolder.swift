internal import CopurCore
package import Foundation

/// A folder of manifests, written whole or not at all.
package enum ManifestFolder {
  /// Writes files into a folder that is not there or is empty.
  ///
  /// They are written into a folder beside it, which then takes its name. Files with keys are readable by their owner alone
  /// from the moment in which they are made.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names the folder, also if something is in it.
  package static func write(_ files: [ManifestFile], to folder: URL) throws {
    let texts = try files.map { try $0.text() }
    let manager = FileManager.default
    try requireEmpty(folder)
    let parent = folder.deletingLastPathComponent()
    let temporary = parent.appending(path: ".\(folder.lastPathComponent).\(UUID().uuidString)")
    do {
      try manager.createDirectory(at: temporary, withIntermediateDirectories: true)
      for (file, text) in zip(files, texts) {
        try DurableFile.write(
          Data(text.utf8), to: temporary.appending(path: file.name), permissions: file.isSecret ? 0o600 : 0o644)
      }
      // POSIX: a folder takes the place of an empty one, and of no other.
      guard rename(temporary.path, folder.path) == 0 else {
        throw CopurError(.cannotCreate, String(cString: strerror(errno)))
      }
    } catch {
      try? manager.removeItem(at: temporary)
      throw CopurError(.cannotCreate, "manifests cannot be written to \(folder.path)", cause: error)
    }
  }

  /// Makes sure that nothing is lost, before any work is done.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names something in the folder.
  package static func requireEmpty(_ folder: URL) throws {
    guard access(folder.path, F_OK) == 0 else { return }
    let there: [String]
    do {
      there = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw CopurError(.cannotCreate, "\(folder.path): the folder of --out is new or empty (it is no folder)")
    }
    if let first = there.min() {
      throw CopurError(
        .cannotCreate,
        "\(folder.path): the folder of --out is new or empty (\(there.count) there, such as \"\(first)\")")
    }
  }
}
