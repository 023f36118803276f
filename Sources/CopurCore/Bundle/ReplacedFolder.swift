internal import Foundation

/// A folder of files that appears whole or not at all.
enum ReplacedFolder {
  /// Writes files into a folder, which is made if it is not there. They are written next to it first.
  ///
  /// It replaces a folder with files of these names, and nothing else: one that holds other files is left alone.
  ///
  /// - Parameters:
  ///   - files: The files' content by name.
  ///   - what: What the folder is, with its article, for messages.
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names the folder.
  static func write(_ files: [(name: String, content: Data)], to folder: URL, of what: String) throws {
    let manager = FileManager.default
    let others = Set((try? manager.contentsOfDirectory(atPath: folder.path)) ?? []).subtracting(files.map(\.name))
    if let other = others.min() {
      throw CopurError(
        .cannotCreate, "\(folder.path): only \(what) or an empty folder is replaced (also there: \"\(other)\")")
    }
    let temporary = folder.deletingLastPathComponent().appending(
      path: ".\(folder.lastPathComponent).\(UUID().uuidString)")
    do {
      try manager.createDirectory(at: temporary, withIntermediateDirectories: true)
      for file in files { try file.content.write(to: temporary.appending(path: file.name)) }
      let old = temporary.appendingPathExtension("old")
      let replaces = manager.fileExists(atPath: folder.path)
      if replaces { try manager.moveItem(at: folder, to: old) }
      do {
        try manager.moveItem(at: temporary, to: folder)
      } catch {
        if replaces { try? manager.moveItem(at: old, to: folder) }
        throw error
      }
      if replaces { try manager.removeItem(at: old) }
    } catch {
      try? manager.removeItem(at: temporary)
      throw CopurError(.cannotCreate, "\(what) cannot be written to \(folder.path)", cause: error)
    }
  }
}
