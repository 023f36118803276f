internal import CopurCore
internal import Foundation

/// A folder with a folder of PNG files a class.
struct PNGFolder: Sendable {
  /// The folder.
  let path: String
  /// The classes, sorted by name.
  let classes: [Class]

  /// A class and its files.
  struct Class: Sendable {
    let name: String
    /// Names of files, sorted; at least one.
    let files: [String]
  }

  /// A file and what it shows.
  struct Picture: Sendable {
    let path: String
    /// CLASS/FILE.
    let name: String
    let label: Int
  }

  /// Lists the folder. Files beside the classes' folders, files that do not end in `.png`, and what begins with a dot
  /// are not looked at.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is no such folder; `.invalidData` if it has no classes, or a
  ///   class no PNG files.
  init(_ path: String) throws {
    self.path = path
    classes = try Self.names(in: path).filter { Self.isFolder("\(path)/\($0)") }.map { name in
      let files = try Self.names(in: "\(path)/\(name)").filter { $0.lowercased().hasSuffix(".png") }
      guard !files.isEmpty else {
        throw CopurError(.invalidData, "\(path)/\(name): a class's folder has PNG files (actual: none)")
      }
      return Class(name: name, files: files)
    }
    guard !classes.isEmpty else {
      throw CopurError(.invalidData, "\(path): a folder with a folder of PNG files a class (actual: no folder in it)")
    }
  }

  var classNames: [String] { classes.map(\.name) }

  /// All files with their labels.
  ///
  /// The classes are spread evenly, each with its files in the order of their names: any run of rows has of each class
  /// about its share. Sorted by class, the first rows would be of one class alone, and so would a run that training
  /// holds out.
  ///
  /// - Parameter names: The name of each class; a label is the place here.
  /// - Throws: ``CopurError`` of code `.invalidData` if a folder is none of the classes.
  func pictures(classes names: [String]) throws -> [Picture] {
    var placed: [(picture: Picture, number: Int, count: Int)] = []
    for group in classes {
      guard let label = names.firstIndex(of: group.name) else {
        throw CopurError(
          .invalidData,
          "\(path)/\(group.name): a folder is named after one of the classes \(names.joined(separator: ", "))"
            + Suggestion.clause(for: group.name, in: names))
      }
      placed += group.files.enumerated().map { number, file in
        let picture = Picture(path: "\(path)/\(group.name)/\(file)", name: "\(group.name)/\(file)", label: label)
        return (picture, number, group.files.count)
      }
    }
    // The middle of each file's share of its class, (2 number + 1) / (2 count), compared without rounding.
    return placed.sorted { one, other in
      let (left, right) = ((2 * one.number + 1) * other.count, (2 * other.number + 1) * one.count)
      return left != right ? left < right : one.picture.label < other.picture.label
    }.map(\.picture)
  }

  static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw CopurError(.missingInput, "\(folder): a folder that can be listed", cause: error)
    }
  }
}
