public import CopurCore

/// A data set as scenarios name and set it, and how its rows are read.
///
/// As JSON, in a bundle, it is one object with its own options.
public protocol DatasetKind: Kind, Codable {
  /// The kind, which is also the data set's name in results.
  var kind: String { get }
  /// All agents among which the data set splits its features, in its own order.
  var agents: [AgentID] { get }
  /// The name of each class; labels count from 0.
  var classNames: [String] { get }
  /// The rule by which an agent is missing in a row; never for data whose values are never absent.
  var silence: SilenceRule { get }

  /// Whether columns are places of one picture, where one without spread, an edge, is nothing to wonder at.
  var isPicture: Bool { get }

  /// The files that hold the data.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at, if one is not there.
  func files(in directory: DataDirectory) throws -> [String]

  /// Reads the data of all agents.
  ///
  /// - Parameters:
  ///   - directory: Where to look for the files.
  ///   - digest: Add each file's unpacked content to it; its end is the data set's digest.
  /// - Returns: Rows whose features are raw, NaN where missing.
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData`, with file, row and column, if a
  ///   file breaks its format; `.invalidArgument` if an option does not fit the data.
  func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset

  /// The data sets of this type that `copur data list` looks for.
  static func listed(in directory: DataDirectory) -> [any DatasetKind]

  /// Decodes the options of a kind.
  init(kind: String, from decoder: any Decoder) throws
}

extension DatasetKind {
  public var silence: SilenceRule { .never }
  public var isPicture: Bool { false }

  public static func listed(in directory: DataDirectory) -> [any DatasetKind] { [] }

  public init(kind: String, from decoder: any Decoder) throws { try self.init(from: decoder) }
}

extension KindEntry where Family == any DatasetKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it is, in a sentence or two for the reference.
  ///   - initial: The kind with the defaults.
  public init<Value: DatasetKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any DatasetKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any DatasetKind {
  /// The data sets. A new one is a file with its type, and a line here.
  public static let datasets = KindRegistry(
    of: "a dataset",
    [
      ExtraSensory.entry, NUSWIDE.entry, ImageDataset.mnistEntry, ImageDataset.fashionMNISTEntry, ImageFiles.entry,
      CSVTable.entry,
    ])
}
