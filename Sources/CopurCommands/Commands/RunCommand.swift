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
      interrupted goes on when the same command is given again.

      Examples:
        copur run scenarios/quickstart.yaml
        COPUR_DATA=~/data copur run scenarios/extrasensory/quick.yaml --in-process --out results
        copur run scenarios/fashion-mnist/timeline.yaml --http 127.0.0.1:8000
        copur run scenarios/quickstart.yaml --launcher ssh --hosts one,two,three
        salloc --nodes=3 copur run scenarios/quickstart.yaml --launcher slurm
      """)

  @Argument(help: "The scenario, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

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
    if predictions, out == nil { throw ValidationError("--predictions needs --out, the folder to write to") }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
      let data = try dataOptions.directory()
      var scenario = try Scenario.load(self.scenario, data: data)
      let launch = try launchOptions.settings(over: scenario.launch)
      if !inProcess {
        let hosts = try await launch.launcher().hosts.count
        let perProcess = launch.agentsInProcess(of: scenario.agents.count, hosts: hosts)
        try DescriptorLimit.require(
          children: (scenario.agents.count + perProcess - 1) / perProcess + 1,
          for: "a run with \(scenario.agents.count) agents")
      }
      if let seeds { scenario = scenario.withSeeds((0..<UInt64(seeds)).map { $0 }) }
      let scratch = FileManager.default.temporaryDirectory.appending(path: "copur-cache-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: scratch) }
      let options = RunOptions(
        mode: inProcess ? .inProcess : .network, data: data, namedDataFolder: dataOptions.data,
        output: out.map { URL(filePath: $0) }, overwrites: overwrite,
        writesPredictions: predictions,
        cache: bundles(otherwise: scratch),
        executable: try Self.executable(), http: http?.description, launch: launch, commit: copurCommit,
        command: command)
      let certificates = Mutex<[CertificateRow]>([])
      let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
      let runner = ScenarioRunner(scenario: scenario, options: options) { event in
        if case .certified(let rows) = event { certificates.withLock { $0 += rows } }
        display.observe(event)
      }
      let results: [ResultRow]
      do {
        results = try await interruptible { try await runner.run().results }
      } catch let error as Interruption {
        display.interrupted()
        if let out {
          Terminal.report(
            "copur: what was measured until now is in \(out): the same command goes on from there, and "
              + "`copur report \(out)` makes its report")
        }
        throw error
      }
      if json {
        try Terminal.print(try RowFile.text(of: results, as: .jsonLines), terminator: "")
        return
      }
      try Terminal.print(ResultTable(results).rendered(isTerminal: Terminal.showsColors), terminator: "")
      let certified = certificates.withLock { $0 }
      if !certified.isEmpty { try Terminal.print("\n" + CertificateTable(certified).rendered(), terminator: "") }
      for line in WarningSummary(results).lines { try Terminal.print("warning: \(line)") }
      if let out { try Terminal.print("\nResults: \(out)") }
    }
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
    var words = ["copur run", scenario]
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
