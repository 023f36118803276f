import ArgumentParser
import CopurCore
import CopurDatasets
import CopurLaunch
import CopurReports
import CopurScenarios
import Foundation
import Logging
import Synchronization

/// `copur run`: the main job.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Train, launch, attack, and print the table.",
    discussion: """
      Trains the models of a scenario (or takes them from the cache), starts one fusion center and processes for the \
      agents, on this machine or as --launcher says, plays every attack against every defence, and prints accuracy, balanced accuracy and the \
      majority rate. With --out it writes results.jsonl, results.csv, run.json and report.html; a run that was \
      interrupted goes on when the same command is given again. A scenario with a sweep is run once for each of its \
      points, in folders of their own under --out. With --shard only a part of the points and seeds is run, in a folder of \
      its own under --out, and `copur merge` puts the parts together.

      Examples:
        copur run scenarios/quickstart.yaml
        COPUR_DATA=~/data copur run scenarios/extrasensory/quick.yaml --in-process --out results
        copur run scenarios/fashion-mnist/timeline.yaml --http 127.0.0.1:8000
        copur run scenarios/quickstart.yaml --launcher ssh --hosts one,two,three
        salloc --nodes=3 copur run scenarios/quickstart.yaml --launcher slurm
        copur run scenarios/fashion-mnist/quick.yaml --in-process --set training.embedding=16 --set 'seeds=[0, 1]'
        copur run scenarios/fashion-mnist/sweep.yaml --in-process --out sweep
        sbatch --array=1-6 --wrap 'copur run scenarios/fashion-mnist/sweep.yaml --in-process --out sweep --shard slurm'
      """)

  @OptionGroup var scenarioOptions: ScenarioOptions

  @Flag(help: "Play everything in this process, without a network. Predictions are the same.")
  var inProcess = false

  @OptionGroup var launchOptions: LaunchOptions

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Option(help: ArgumentHelp("The folder for results; it is made if it is not there.", valueName: "dir"))
  var out: String?

  @Flag(help: "Remove the run that is in the folder of --out, and measure anew.")
  var overwrite = false

  @Flag(help: "Also write predictions.csv, one line a sample.")
  var predictions = false

  @Option(help: ArgumentHelp("Use the seeds 0 to n − 1 in place of the scenario's.", valueName: "n"))
  var seeds: Int?

  @Option(
    help: ArgumentHelp(
      """
      Run the i-th of n parts of the run's seeds, or of a sweep's points and seeds, such as 3/60, in the folder shards of \
      --out; slurm: the part of this task of a job array; auto: that, or all of it in no job array.
      """, valueName: "i/n"))
  var shard: String?

  @Option(help: ArgumentHelp("The folder of bundles that were trained before.", valueName: "dir"))
  var cache: String?

  @Flag(help: "Train anew, and keep nothing for later runs.")
  var noCache = false

  @Option(
    help: ArgumentHelp(
      "Serve the dashboard there while the run goes on, such as 127.0.0.1:8000; on this machine only.",
      valueName: "host:port"))
  var http: SocketAddress?

  @Flag(help: "Print a line of JSON a result, as in results.jsonl, in place of the table.")
  var json = false

  func validate() throws {
    if let http {
      guard http.isLoopback else {
        throw ValidationError(
          "--http serves the dashboard without TLS, so its address is a loopback one (actual: \(http))")
      }
      guard !inProcess else {
        throw ValidationError("--http shows a fusion center, and with --in-process there is none")
      }
    }
    if inProcess, let option = launchOptions.given {
      throw ValidationError("\(option) is about processes, and with --in-process there are none")
    }
    if let seeds, !(1...10_000).contains(seeds) {
      throw ValidationError("--seeds is 1 to 10000 (actual: \(seeds))")
    }
    if overwrite, out == nil { throw ValidationError("--overwrite needs --out, the folder to overwrite") }
    if shard != nil, out == nil { throw ValidationError("--shard needs --out, the folder of all shards") }
    if predictions, out == nil { throw ValidationError("--predictions needs --out, the folder to write to") }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
      let data = try dataOptions.directory(of: scenarioOptions.scenario)
      let work = try scenarioOptions.loadAll(data: data).withSeeds(seeds)
      let launch = try launchOptions.settings(over: work.first.launch)
      if !inProcess { try await requireDescriptors(for: work, launch: launch) }
      let shard = try self.shard.flatMap { try Shard.parsing($0, environment: ProcessInfo.processInfo.environment) }
      let scratch = try ScratchFolder("cache")
      defer { withExtendedLifetime(scratch) {} }
      var options = RunOptions(
        mode: inProcess ? .inProcess : .network, data: data, namedDataFolder: dataOptions.data,
        output: try out.map { try shard?.folder(in: URL(filePath: $0)) ?? URL(filePath: $0) }, overwrites: overwrite,
        writesPredictions: predictions,
        cache: bundles(otherwise: scratch.url),
        executable: try Self.executable(), http: http?.description, launch: launch, commit: copurCommit,
        command: command)
      switch work {
      case .sweep(let sweep): try await run(sweep, options: options, shard: shard)
      case .scenario(var scenario):
        if let shard {
          options.shard = (shard, scenario.seeds)
          let seeds = scenario.seeds.indices.filter { shard.contains($0) }.map { scenario.seeds[$0] }
          guard !seeds.isEmpty else {
            return Terminal.report(
              "copur: shard \(shard) has no part of this run: there are \(scenario.seeds.count) seeds")
          }
          scenario = scenario.withSeeds(seeds)
        }
        try await run(scenario, options: options)
      }
    }
  }

  /// Runs one scenario, and prints its tables.
  private func run(_ scenario: Scenario, options: RunOptions) async throws {
    let certificates = Mutex<[CertificateRow]>([])
    let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
    let runner = ScenarioRunner(scenario: scenario, options: options) { event in
      if case .certified(let rows) = event { certificates.withLock { $0 += rows } }
      display.observe(event)
    }
    let out = options.output?.relativePath
    let results = try await interruptible(keeping: out, display: display) { try await runner.run().results }
    if json {
      try Terminal.print(try RowFile.text(of: results, as: .jsonLines), terminator: "")
      return
    }
    try Terminal.print(
      ResultTable(results).rendered(isTerminal: Terminal.showsColors, width: Terminal.width), terminator: "")
    let certified = certificates.withLock { $0 }
    if !certified.isEmpty {
      try Terminal.print("\n" + CertificateTable(certified).rendered(width: Terminal.width), terminator: "")
    }
    for line in WarningSummary(results).lines { try Terminal.print("warning: \(line)") }
    if let out { try Terminal.printPlace(ofResults: out) }
  }

  /// Runs a sweep, and prints its table.
  private func run(_ sweep: Sweep, options: RunOptions, shard: Shard?) async throws {
    guard let folder = options.output else {
      throw CopurError(
        .invalidArgument, "a sweep has a folder for each of its points: name where they go with --out")
    }
    let runs = sweep.points.reduce(0) { $0 + $1.scenario.seeds.count }
    if let shard, shard.number > runs {
      return Terminal.report("copur: shard \(shard) has no part of this sweep: there are \(runs) points and seeds")
    }
    let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
    let runner = SweepRunner(sweep: sweep, options: options, shard: shard) { display.observe($0) }
    let report = try await interruptible(keeping: folder.relativePath, display: display) {
      try await runner.run(in: folder)
    }
    if json { return try Terminal.print(try report.results.text(as: .jsonLines), terminator: "") }
    try Terminal.print(
      SweepTable(report).rendered(isTerminal: Terminal.showsColors, width: Terminal.width), terminator: "")
    try Terminal.printPlace(ofResults: folder.relativePath)
  }

  /// Does work that a signal may end, and says then what is kept of it.
  private func interruptible<Result: Sendable>(
    keeping folder: String?, display: ProgressDisplay, _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    do {
      return try await CopurCommands.interruptible(work)
    } catch let error as Interruption {
      display.interrupted()
      if let folder {
        Terminal.report(
          "copur: what was measured until now is in \(folder): the same command goes on from there, and "
            + "`copur report \(folder)` makes its report")
      }
      throw error
    }
  }

  /// Refuses a run over the network for whose processes this one may not open enough files.
  private func requireDescriptors(for work: ScenarioOrSweep, launch: LaunchSettings) async throws {
    let hosts = try await launch.launcher().hosts.count
    let agents = work.scenarios.map(\.agents.count).max() ?? 0
    let perProcess = launch.agentsInProcess(of: agents, hosts: hosts)
    try DescriptorLimit.require(
      children: (agents + perProcess - 1) / perProcess + 1, for: "a run with \(agents) agents")
  }

  /// The place of bundles: the folder that was named, else the user's cache, or one for this run alone where that cannot
  /// be written.
  private func bundles(otherwise scratch: URL) -> BundleCache {
    if noCache { return BundleCache(folder: scratch) }
    if let cache { return BundleCache(folder: URL(filePath: cache)) }
    let users = BundleCache(environment: ProcessInfo.processInfo.environment)
    guard let reason = users.reasonNotToWrite else { return users }
    Terminal.report("copur: warning: models are kept for this run alone: \(reason) (--cache names another folder)")
    return BundleCache(folder: scratch)
  }

  /// The command that measures the same elsewhere: places for data, bundles and results have no part in it.
  private var command: String {
    var words = ["copur run", scenarioOptions.command]
    if inProcess { words.append("--in-process") }
    if let seeds { words.append("--seeds \(seeds)") }
    return words.joined(separator: " ")
  }

  /// This program's file, to start it again.
  static func executable() throws -> String {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw CopurError(.software, "this program's own file is not known")
    }
    return path
  }
}
