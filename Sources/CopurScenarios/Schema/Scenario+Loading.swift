internal import CopurCore
public import CopurDatasets
internal import Foundation

extension Scenario {
  /// Reads and checks a scenario file.
  ///
  /// If the file says `either:`, all the files that it names are checked, and the first whose data is found is returned.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - directory: Where data is looked for. Only `either:` looks.
  /// - Throws: ``CopurError``: `.configuration`, with file, line, column and a caret, if a value breaks a rule;
  ///   `.missingInput` if a file cannot be read, or none of the alternatives has its data.
  public static func load(_ path: String, data directory: DataDirectory) throws -> Scenario {
    do {
      let document = try ScenarioDocument(contentsOf: path)
      guard let alternatives = try Self.alternatives(in: document) else { return try Scenario(parsing: document) }
      return try first(of: alternatives, besides: path, data: directory)
    } catch let error as ScenarioError {
      throw error.asCopurError
    }
  }

  /// The files that a document names with `either:`; nil if it is a scenario.
  private static func alternatives(in document: ScenarioDocument) throws(ScenarioError) -> [SchemaNode]? {
    let root = try document.root().mapping(of: "a scenario")
    guard let either = root["either"] else { return nil }
    try root.check(keys: ["either"])
    return try either.list(of: "scenario files")
  }

  private static func first(
    of alternatives: [SchemaNode], besides path: String, data directory: DataDirectory
  ) throws -> Scenario {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let scenarios = try alternatives.map { node in
      let name = try node.string("a scenario file")
      let file = name.hasPrefix("/") ? name : folder.appending(path: name).relativePath
      guard FileManager.default.fileExists(atPath: file) else { throw node.error("no such file (actual: \"\(file)\")") }
      return (file: file, scenario: try Scenario(parsing: ScenarioDocument(contentsOf: file)))
    }
    var reasons: [String] = []
    for (file, scenario) in scenarios {
      do {
        _ = try scenario.dataset.files(in: directory)
        return scenario
      } catch let error as CopurError where error.code == .missingInput {
        reasons.append("\(file): \(error.message)")
      }
    }
    throw CopurError(
      .missingInput, "\(path): none of the scenarios has its data\n" + reasons.joined(separator: "\n"))
  }
}
