public import CopurDatasets
public import CopurLaunch
public import CopurReports
public import Foundation

/// The way in which a scenario is run.
public struct RunOptions: Sendable {
  /// In this process or with a process each.
  public var mode: ResultRow.Mode
  /// The folders in which data is looked for.
  public var data: DataDirectory
  /// The data folder that the user named, which agents' processes are told too.
  public var namedDataFolder: String?
  /// The folder of results; nil to keep them in memory.
  public var output: URL?
  /// Whether an earlier run in ``output`` is removed; else the same one goes on, and another one is an error.
  public var overwrites: Bool
  /// Whether `predictions.csv` is written.
  public var writesPredictions: Bool
  /// Bundles of earlier runs, to which this one's are added.
  public var cache: BundleCache
  /// This program, which is started again for the fusion center and each agent.
  public var executable: String
  /// The time that such a process may take until it listens; agents read their data before.
  public var startLimit: Duration = .seconds(300)
  /// The address of the fusion center's dashboard, HOST:PORT on this machine; nil: none.
  public var http: String?
  /// The machines that processes run on, and the number of agents that each hosts; nil: as the scenario says.
  public var launch: LaunchSettings?
  /// The part of a run that this is, and all seeds of that run; nil for all of it.
  public var shard: (shard: Shard, seeds: [UInt64])?
  /// The commit that the program was built from, kept in the record; nil where it is not known.
  public var commit: String?
  /// The command that measures the same, kept in the record; nil where there is none.
  public var command: String?

  /// Options of a run; one that is left out is not written, named or served.
  public init(
    mode: ResultRow.Mode, data: DataDirectory, namedDataFolder: String? = nil, output: URL? = nil,
    overwrites: Bool = false, writesPredictions: Bool = false, cache: BundleCache, executable: String,
    http: String? = nil, launch: LaunchSettings? = nil, commit: String? = nil,
    command: String? = nil
  ) {
    self.mode = mode
    self.data = data
    self.namedDataFolder = namedDataFolder
    self.output = output
    self.overwrites = overwrites
    self.writesPredictions = writesPredictions
    self.cache = cache
    self.executable = executable
    self.http = http
    self.launch = launch
    self.commit = commit
    self.command = command
  }
}
