internal import CopurCore
public import Foundation

/// `sweep.json`: which keys take which values, on what, by which program, and how far it is.
public struct SweepRecord: Sendable, Codable {
  /// A key and the values that it takes.
  public struct Axis: Hashable, Sendable, Codable {
    /// The key's path in the scenario, such as `training.embedding`.
    public var key: String
    /// Its name in the names of points, such as `embedding`.
    public var label: String
    /// The values, as text.
    public var values: [String]

    /// - Parameters:
    ///   - key: The key's path in the scenario.
    ///   - label: Its name in the names of points.
    ///   - values: The values, as text.
    public init(key: String, label: String, values: [String]) {
      self.key = key
      self.label = label
      self.values = values
    }
  }

  /// A value for each axis, and how far its run is.
  public struct Point: Hashable, Sendable, Codable {
    /// The name, which its folder has, too.
    public var name: String
    /// A value for each axis.
    public var values: [String]
    /// The seeds that are run there; empty in a shard that has none of the point's.
    public var seeds: [UInt64]
    /// Whether all of them are measured.
    public var isFinished = false
    /// Why its run failed; nil if it did not.
    public var failure: String?

    /// - Parameters:
    ///   - name: The name, which its folder has, too.
    ///   - values: A value for each axis.
    ///   - seeds: The seeds that are run there.
    public init(name: String, values: [String], seeds: [UInt64]) {
      self.name = name
      self.values = values
      self.seeds = seeds
    }
  }

  /// The version of the program.
  public var copurVersion: String
  /// The commit that the program was built from; nil where it is not known.
  public var commit: String?
  /// The command that measures the same; nil where there is none.
  public var command: String?
  /// The scenario's name.
  public var scenario: String
  /// The scenario's file.
  public var scenarioText: String
  /// SHA-256 of ``scenarioText``, hexadecimal.
  public var documentDigest: String
  /// The changes by settings of the command line.
  public var settings: [String]
  /// The place of agents and fusion center: one process, or one each.
  public var mode: ResultRow.Mode
  /// The seeds that every point has.
  public var seeds: [UInt64]
  /// The part of the sweep that this is; nil for all of it.
  public var shard: Shard?
  /// The keys.
  public var axes: [Axis]
  /// The points, in their order.
  public var points: [Point]
  /// The machine that it ran on.
  public var machine: RunRecord.Machine
  /// The time at which it began.
  public var started = RunRecord.now
  /// The time at which the last point was done; nil until then.
  public var finished: Date?

  /// A sweep that has begun: it has no results yet.
  public init(
    copurVersion: String, commit: String? = nil, command: String? = nil, machine: RunRecord.Machine,
    scenario: String, scenarioText: String,
    settings: [String] = [], mode: ResultRow.Mode, seeds: [UInt64], shard: Shard? = nil, axes: [Axis],
    points: [Point]
  ) {
    self.copurVersion = copurVersion
    self.commit = commit
    self.command = command
    self.machine = machine
    self.scenario = scenario
    self.scenarioText = scenarioText
    documentDigest = SHA256Digest.hexadecimal(of: Data(scenarioText.utf8))
    self.settings = settings
    self.mode = mode
    self.seeds = seeds
    self.shard = shard
    self.axes = axes
    self.points = points
  }

  /// The difference that makes an earlier sweep another one than this, in words; nil if both measure the same.
  func difference(from earlier: SweepRecord) -> String? {
    if scenarioText != earlier.scenarioText || settings != earlier.settings {
      guard scenario == earlier.scenario else { return "the scenario \(earlier.scenario)" }
      // Of axes a reader knows at once which it is.
      for axis in earlier.axes where !axes.contains(axis) {
        return "\(scenario) with \(axis.key): \(axis.values.joined(separator: ", "))"
      }
      return settings != earlier.settings
        ? "\(scenario) with \(earlier.settings.isEmpty ? "no --set" : earlier.settings.map { "--set \($0)" }.joined(separator: " "))"
        : "another version of the scenario \(scenario)"
    }
    if mode != earlier.mode { return "mode \(earlier.mode.rawValue)" }
    if seeds != earlier.seeds { return "the seeds \(earlier.seeds.map { "\($0)" }.joined(separator: ", "))" }
    if shard != earlier.shard { return earlier.shard.map { "shard \($0)" } ?? "all shards in one" }
    if (copurVersion, commit) != (earlier.copurVersion, earlier.commit) {
      return "copur \(earlier.copurVersion) (commit \(earlier.commit ?? "not known"))"
    }
    if (machine.blas, machine.kernel) != (earlier.machine.blas, earlier.machine.kernel) {
      return "other linear algebra (\(earlier.machine.linearAlgebra ?? "not known"))"
    }
    return nil
  }
}

extension SweepRecord {
  /// The file's name in the folder of a sweep.
  public static let fileName = "sweep.json"

  /// Writes the record into a folder, which is made if it is not there.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func write(to folder: URL) throws {
    try RecordFile.write(self, of: "the sweep", to: folder.appending(path: Self.fileName))
  }

  /// Reads the record of a folder. Fields that this program does not know are passed over.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is none, `.invalidData` with the reason if it is malformed.
  public init(reading folder: URL) throws {
    let file = folder.appending(path: Self.fileName)
    self = try RecordFile.read(Self.self, of: "a sweep", from: file)
    for point in points where point.values.count != axes.count || !Self.isFolderName(point.name) {
      throw CopurError(
        .invalidData,
        "\(file.path): not the record of a sweep (a point has a folder's name and \(axes.count) values: \"\(point.name)\")"
      )
    }
  }

  /// Whether a folder is that of a sweep.
  public static func isThere(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: fileName).path)
  }

  /// Whether a name is one of a folder beside others, and not of one elsewhere.
  private static func isFolderName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/")
  }
}
