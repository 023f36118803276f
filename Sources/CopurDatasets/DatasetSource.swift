public import CopurCore

/// Which data set, and which part of it: the `dataset:` section of a scenario, also kept in a bundle.
///
/// As JSON it is one object whose `kind` is `extrasensory`, `nus-wide`, `mnist`, `fashion-mnist` or `csv`, beside that kind's options.
public enum DatasetSource: Hashable, Sendable {
  /// One user of ExtraSensory, ten agents.
  case extraSensory(ExtraSensory)
  /// NUS-WIDE, four agents.
  case nusWide(NUSWIDE)
  /// Images of MNIST's format, four agents.
  case images(ImageDataset)
  /// A CSV file of one's own, with a map of agents.
  case csv(CSVTable)

  /// The kinds, as scenarios spell them.
  public static let kinds =
    [ExtraSensory.kind, NUSWIDE.kind] + ImageDataset.Collection.allCases.map(\.rawValue)
    + [CSVTable.kind]

  /// The kind, which is also the data set's name in results.
  public var kind: String {
    switch self {
    case .extraSensory: ExtraSensory.kind
    case .nusWide: NUSWIDE.kind
    case .images(let images): images.collection.rawValue
    case .csv: CSVTable.kind
    }
  }

  /// All agents among which this data set splits its features, in its own order.
  public var agents: [AgentID] {
    switch self {
    case .extraSensory: ExtraSensory.agents
    case .nusWide: NUSWIDE.agents
    case .images: ImageDataset.agents
    case .csv(let table): table.agents.map(\.name)
    }
  }

  /// The name of each class; labels count from 0.
  public var classNames: [String] {
    switch self {
    case .extraSensory(let user): user.classNames
    case .nusWide: NUSWIDE.classNames
    case .images(let images): images.collection.classNames
    case .csv(let table): table.classes
    }
  }

  /// The files that hold the data.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at, if one is not there.
  public func files(in directory: DataDirectory) throws -> [String] {
    switch self {
    case .extraSensory(let user): [try user.file(in: directory)]
    case .nusWide(let pictures): try pictures.files(in: directory)
    case .images(let images): try images.files(in: directory)
    case .csv(let table): [try table.path(in: directory)]
    }
  }

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
    let whole =
      switch self {
      case .extraSensory(let user): try user.load(from: directory, digest: digest)
      case .nusWide(let pictures): try pictures.load(from: directory, digest: digest)
      case .images(let images): try images.load(from: directory, digest: digest)
      case .csv(let table): try table.load(from: directory, digest: digest)
      }
    return try whole.selecting(agents: agents)
  }
}
