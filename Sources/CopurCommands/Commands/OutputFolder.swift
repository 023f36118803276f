import CopurCore
import Foundation

/// The folder that `--out` names.
enum OutputFolder {
  /// The folder, made if it is not there.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names it.
  static func make(_ path: String) throws -> URL {
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw CopurError(.cannotCreate, "the folder \(path) cannot be made", cause: error)
    }
    return url
  }
}
