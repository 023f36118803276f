public import CopurCore

/// The data set, and the part of it that is used: the `dataset:` section of a scenario, also kept in a bundle.
///
/// As JSON it is one object whose `kind` is a kind's name, beside that kind's options.
public struct DatasetSource: Hashable, Sendable {
  /// The data set with its options.
  public let dataset: any DatasetKind

  /// - Parameter dataset: The data set with its options.
  public init(_ dataset: any DatasetKind) { self.dataset = dataset }

  /// The kind, which is also the data set's name in results.
  public var kind: String { dataset.kind }
  /// All agents among which this data set splits its features, in its own order.
  public var agents: [AgentID] { dataset.agents }
  /// The name of each class; labels count from 0.
  public var classNames: [String] { dataset.classNames }

  /// The files that hold the data.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at, if one is not there.
  public func files(in directory: DataDirectory) throws -> [String] { try dataset.files(in: directory) }

  /// Reads the data.
  ///
  /// - Parameters:
  ///   - directory: Where to look for the files.
  ///   - agents: The agents to have, in this order; nil for all of them in the data set's order.
  /// - Returns: Rows whose features are raw, NaN where missing, unless `standardization: reference` is asked for.
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData`, with file, row and column, if a
  ///   file breaks its format; `.invalidArgument` if an option does not fit the data.
  public func load(from directory: DataDirectory, agents: [AgentID]? = nil) throws -> Dataset {
    let agents = agents ?? self.agents
    let digest = try DatasetDigest(source: self, agents: agents)
    return try dataset.load(from: directory, digest: digest).with(silence: dataset.silence).selecting(agents: agents)
  }

  /// Notes on rows that were read, before anything is learned of them: what was guessed or left out, and columns that say
  /// nothing, the same twice, or too much (``ColumnExamination``).
  public func notes(of dataset: Dataset) -> [String] {
    dataset.notes + (self.dataset.isPicture ? [] : ColumnExamination(dataset).notes)
  }

  /// Every data set that is there: of each kind those that it lists, such as all users of ExtraSensory with the paper's
  /// label.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if there is none: nothing found is not all well.
  public static func findable(in directory: DataDirectory) throws -> [DatasetSource] {
    var seen: Set<DatasetSource> = []
    let listed = KindRegistry.datasets.entries.compactMap { $0.type as? any DatasetKind.Type }
      .flatMap { $0.listed(in: directory) }.map { DatasetSource($0) }.filter { seen.insert($0).inserted }
    let found = listed.filter { (try? $0.files(in: directory)) != nil }
    guard !found.isEmpty else {
      throw CopurError(
        .missingInput,
        "no data set is found in \(directory.roots.joined(separator: ", ")): name another folder with --data DIR or in "
          + "$\(DataDirectory.variable)")
    }
    return found
  }

  public static func == (one: DatasetSource, other: DatasetSource) -> Bool {
    AnyHashable(one.dataset) == AnyHashable(other.dataset)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(dataset)) }
}

extension DatasetSource: Codable {
  private enum CodingKeys: String, CodingKey { case kind }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind)
    guard let type = KindRegistry.datasets[kind]?.type as? any DatasetKind.Type else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container,
        debugDescription:
          "the kind of a data set is one of \(KindRegistry.datasets.names.joined(separator: ", ")) (actual: \"\(kind)\")"
      )
    }
    dataset = try type.init(kind: kind, from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try dataset.encode(to: encoder)
  }
}
