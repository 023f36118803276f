internal import CopurCore
public import CopurDatasets
internal import Foundation

extension Scenario {
  /// Reads and checks a scenario file that one scenario is wanted of.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - directory: Where data is looked for. Only `either:` looks.
  ///   - settings: Values in place of the file's, such as `training.embedding=16`.
  ///   - point: The name of a point of its sweep; nil for a file that has none.
  /// - Throws: ``CopurError``: `.configuration`, with file, line, column and a caret, if a value breaks a rule;
  ///   `.missingInput` if a file cannot be read, or none of the alternatives has its data; `.invalidArgument` if the file
  ///   has a sweep and no point is named, or none of this name.
  public static func load(
    _ path: String, data directory: DataDirectory, settings: [String] = [], point: String? = nil
  ) throws -> Scenario {
    switch (try ScenarioOrSweep.load(path, data: directory, settings: settings), point) {
    case (.scenario(let scenario), nil): return scenario
    case (.scenario, let point?):
      throw CopurError(
        .invalidArgument, "\(path): a point is one of a sweep, and the scenario has none (actual: \"\(point)\")")
    case (.sweep(let sweep), nil):
      throw CopurError(
        .invalidArgument,
        "\(path): one scenario is asked for, and this is a sweep of \(sweep.points.count): name a point "
          + "(\(sweep.pointNames)), or take the sweep out with the setting \"sweep=\"")
    case (.sweep(let sweep), let point?):
      guard let place = sweep.points.first(where: { $0.name == point }) else {
        throw CopurError(
          .invalidArgument,
          "\(path): a point of the sweep is one of \(sweep.pointNames) (actual: \"\(point)\")"
            + Suggestion.clause(for: point, in: sweep.points.map(\.name)))
      }
      return place.scenario
    }
  }
}

extension Sweep {
  /// The points' names, or some of many.
  fileprivate var pointNames: String {
    let names = points.map(\.name)
    return names.count <= 12
      ? names.joined(separator: " ") : "\(names.prefix(6).joined(separator: " ")) … \(names[names.count - 1])"
  }
}

extension ScenarioOrSweep {
  /// Reads and checks a scenario file.
  ///
  /// If the file says `either:`, all the files that it names are checked, and the first whose data is found is returned.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - directory: Where data is looked for. Only `either:` looks.
  ///   - settings: Values in place of the file's, such as `training.embedding=16`; of several files the one that is
  ///     returned has them.
  /// - Throws: ``CopurError``: `.configuration`, with file, line, column and a caret, if a value breaks a rule;
  ///   `.missingInput` if a file cannot be read, or none of the alternatives has its data.
  public static func load(
    _ path: String, data directory: DataDirectory, settings: [String] = []
  ) throws -> ScenarioOrSweep {
    do {
      let document = try ScenarioDocument(contentsOf: path)
      var changes: [ScenarioSetting] = []
      for text in settings { changes.append(try ScenarioSetting(parsing: text)) }
      guard let alternatives = try Self.alternatives(in: document) else {
        return try ScenarioOrSweep(parsing: document, settings: changes)
      }
      return try first(of: alternatives, besides: path, data: directory, settings: changes)
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
    of alternatives: [SchemaNode], besides path: String, data directory: DataDirectory, settings: [ScenarioSetting]
  ) throws -> ScenarioOrSweep {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let documents = try alternatives.map { node in
      let name = try node.string("a scenario file")
      let file = name.hasPrefix("/") ? name : folder.appending(path: name).relativePath
      guard FileManager.default.fileExists(atPath: file) else { throw node.error("no such file (actual: \"\(file)\")") }
      let document = try ScenarioDocument(contentsOf: file)
      _ = try ScenarioOrSweep(parsing: document)
      return (file: file, document: document)
    }
    var reasons: [String] = []
    for (file, document) in documents {
      do {
        let scenario = try ScenarioOrSweep(parsing: document, settings: settings)
        _ = try scenario.first.dataset.files(in: directory)
        return scenario
      } catch let error as CopurError where error.code == .missingInput {
        reasons.append("\(file): \(error.message)")
      }
    }
    throw CopurError(
      .missingInput, "\(path): none of the scenarios has its data\n" + reasons.joined(separator: "\n"))
  }
}
