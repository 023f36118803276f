internal import CopurCore
internal import Foundation

/// The folders in which data sets are looked for.
///
/// A folder holds `extrasensory/<user>.features_labels.csv.gz`, `mnist/…`, `fashion-mnist/…` and
/// `nus-wide/…`; any of them may be
/// missing, and a file may be there without its `.gz`, unpacked.
public struct DataDirectory: Hashable, Sendable {
  /// The variable of the environment that names a folder.
  public static let variable = "COPUR_DATA"
  /// The folder in which the system's packages put data sets.
  public static let systemRoot = "/usr/share/datasets"

  /// The folders, in the order of search.
  public let roots: [String]
  /// The folder of the scenario's file, in which files that the scenario names are looked for first; nil if there is none.
  public let scenarioFolder: String?

  /// The folders of a search: the one asked for, then `$COPUR_DATA`, then the system's.
  ///
  /// - Parameters:
  ///   - explicit: The folder that the user named; nil if none.
  ///   - scenarioFolder: The folder of the scenario's file; nil if there is none.
  ///   - environment: The environment's variables.
  /// - Throws: ``CopurError`` of code `.missingInput` if the folder that the user named is none.
  public init(explicit: String? = nil, scenarioFolder: String? = nil, environment: [String: String]) throws {
    if let explicit, !Self.isFolder(explicit) {
      throw CopurError(.missingInput, "the data folder that was named is a folder (actual: \"\(explicit)\" is not)")
    }
    let named = environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
    roots = [explicit, named, Self.systemRoot].compactMap { $0 }
    self.scenarioFolder = scenarioFolder
  }

  /// Looks in the given folders only.
  public init(roots: [String], scenarioFolder: String? = nil) {
    self.roots = roots
    self.scenarioFolder = scenarioFolder
  }

  /// The first of some files that is there.
  ///
  /// - Parameter candidates: Paths relative to a root, the preferred one first.
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at.
  func locate(_ candidates: [String]) throws -> String {
    try first(of: candidates, in: roots, where: Self.isFile)
  }

  /// The place of a file, or of a folder of files, that a scenario names: beside the scenario, so that one finds its data
  /// from wherever it is run; else in the working directory; else under a root.
  ///
  /// - Parameter names: Paths, the preferred one first; an absolute one is at its place or nowhere.
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at.
  func locateNamed(_ names: [String]) throws -> String {
    let names = names.filter { !$0.isEmpty }
    let isAbsolute = names.first?.hasPrefix("/") == true
    return try first(
      of: names, in: isAbsolute ? ["."] : [scenarioFolder, "."].compactMap { $0 } + roots, where: Self.isThere)
  }

  private func first(of candidates: [String], in folders: [String], where isWanted: (String) -> Bool) throws -> String {
    for folder in folders {
      for candidate in candidates where isWanted(Self.path(of: candidate, in: folder)) {
        return Self.path(of: candidate, in: folder)
      }
    }
    let places = folders.flatMap { folder in
      Self.isFolder(folder) ? candidates.map { Self.path(of: $0, in: folder) } : ["\(folder) (no such folder)"]
    }
    throw CopurError(
      .missingInput,
      """
      no file \(candidates.map { "\"\($0)\"" }.joined(separator: " or ")); looked for:
      \(places.map { "  \($0)" }.joined(separator: "\n"))
      Name the folder that holds it with --data DIR or in $\(Self.variable).
      """)
  }

  /// The names of the files in a folder under any of the roots; empty if there is none.
  func contents(of folder: String) -> [String] {
    roots.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: "\($0)/\(folder)")) ?? [] }
  }

  private static func path(of candidate: String, in folder: String) -> String {
    folder == "." ? candidate : "\(folder)/\(candidate)"
  }

  private static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private static func isFile(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
  }
}
