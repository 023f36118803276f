import ArgumentParser
import CopurCore
import CopurLaunch
import CopurReports
import CopurScenarios
import Foundation

/// `copur bench network`: rounds a second, delays and memory of a fusion center with its agents.
struct BenchNetworkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Measure a fusion center: rounds a second, delays, memory.",
    discussion: """
      Starts `copur serve` with a journal on disk and the agents as processes of their own, mutual TLS with certificates \
      made for the run, and a model of synthetic data. A round is one sample that every agent sent a block of; it counts \
      once its verdict is stored and has reached a watcher. The first second is not counted.

      p50 and p99 run from the moment the last agent hands its block to be sent to the verdict; \
      receipt p50 and p99, to the last agent's receipt. At full speed they say how long the agents' windows are \
      (--in-flight): --load or --rate measure them where the service is not saturated.

      --journal measures another kind of journal; given several times, each in turn, and how many times faster the first is. In a \
      database it makes a schema of its own, which it removes again.

      --otlp has the service traced, so that one sees what that costs.

      --compare runs another program in turn with each repeat, and may be repeated. Each prints a line of JSON with "engine" \
      and "rounds_per_second".

      Examples:
        copur bench network --agents 10 --seconds 10 --load 0.5 --json
        copur bench network --batch 64
        copur bench network --compare 'python3 Deploy/bench/rounds_grpcio.py --agents 10 --seconds 10'
        copur bench network --agents 1000 --processes 4 --dim 8 --rate 5
        copur bench network --journal sqlite --journal postgresql://copur@127.0.0.1/rounds --repeats 3
        copur bench network --check Deploy/bench/thresholds.json
      """)

  @Option(help: "How many agents.") var agents = 10
  @Option(help: "The width of an agent's embedding.") var dim = 32
  @Option(
    help:
      "The manifold that embeddings are purified against: linear, or an autoencoder with the paper's 200 hidden units.")
  var manifold = BenchManifold.linear
  @Option(
    help: "How many processes the agents are spread over. (default: one each up to 32 agents, then one for each core)")
  var processes: Int?
  @Option(help: "How many samples a message holds.") var batch = 1
  @Option(
    help:
      "The most blocks without a receipt, an agent. (default: 256, fewer with over 1024 agents; 16 messages if that is more)"
  )
  var inFlight: Int?
  @Option(help: "How long is counted, in seconds.") var seconds = 10.0
  @Option(help: "Rounds a second to offer. (default: as many as receipts allow)") var rate: Double?
  @Option(help: "Measure once more at this part of the rounds a second that were reached: 0.5 for half.")
  var load: Double?
  @Option(help: "How often each measurement is made; the median counts.") var repeats = 1
  @Option(help: "The seed of data and model.") var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp(
      "sqlite, a file on this disk, or postgresql://USER@HOST/DATABASE; can be repeated. (default: sqlite)",
      valueName: "journal"))
  var journal: [BenchJournal] = []
  @Option(help: ArgumentHelp("How long a round waits after its first block.", valueName: "time"))
  var deadline = DurationOption(.seconds(5))
  @Option(help: ArgumentHelp("As that of `copur serve`.", valueName: "time"))
  var batchDelay = DurationOption(.milliseconds(2))
  @Option(
    help: ArgumentHelp(
      "Where the journal and all else is put, and removed again. (default: temporary)", valueName: "dir"))
  var folder: String?
  @Flag(help: "Print a line of JSON an engine and load.") var json = false
  @Option(
    help: ArgumentHelp("A shell command to compare with; may be repeated, all in turn.", valueName: "command"))
  var compare: [String] = []
  @OptionGroup var traceOptions: TraceOptions
  @OptionGroup var checkOptions: CheckOptions

  func validate() throws {
    let counts = [
      ("--agents", agents, 1...10_000), ("--dim", dim, 1...100_000), ("--batch", batch, 1...4096),
      ("--repeats", repeats, 1...1000), ("--processes", processes ?? 1, 1...agents),
      ("--in-flight", inFlight ?? batch, batch...16_384),
    ]
    for (name, value, range) in counts where !range.contains(value) {
      throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
    }
    let amounts = [
      ("--seconds", seconds, 0.1...86_400), ("--rate", rate ?? 1, 1e-3...1e6), ("--load", load ?? 1, 0.01...1),
    ]
    for (name, value, range) in amounts where !range.contains(value) {
      throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
    }
    if Set(journal.map(\.name)).count < journal.count { throw ValidationError("--journal names a kind once") }
    if rate != nil, load != nil { throw ValidationError("--rate and --load exclude each other") }
  }

  func run() async throws {
    try await reporting {
      let thresholds = try checkOptions.thresholds(of: .network)
      // The fusion center, a child, may have as many as this process.
      try DescriptorLimit.require(
        children: agentProcesses + 1, connections: agents + 64, for: "a benchmark of \(agents) agents")
      let lines = try await interruptible { try await measured() }
      let report = NetworkBenchReport(lines: lines)
      try Terminal.print(json ? try report.json() : report.table(), terminator: "")
      try thresholds?.check(
        lines, settings: ["dim": .number(Double(dim)), "manifold": .string(manifold.rawValue)], isJSON: json)
    }
  }

  private var agentProcesses: Int {
    processes
      ?? (agents <= LaunchSettings.processesOfTheirOwn
        ? agents : min(agents, ProcessInfo.processInfo.activeProcessorCount))
  }

  private func measured() async throws -> [NetworkBenchLine] {
    let root = folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
    let scratch = try ScratchFolder("bench", in: root)
    defer { withExtendedLifetime(scratch) {} }
    let benchmark = NetworkBenchmark(
      model: SyntheticModel(agents: agents, dim: dim, manifold: manifold.kind, seed: seed),
      processes: agentProcesses, batch: batch,
      // With more agents as many blocks are on their way in all as with 1024.
      inFlight: inFlight ?? max(min(256, max(8, (1 << 18) / agents)), 16 * batch), seconds: seconds,
      serveOptions: ["--deadline", "\(deadline)", "--batch-delay", "\(batchDelay)"] + traceOptions.arguments,
      executable: try RunCommand.executable(), folder: scratch.url)
    try benchmark.prepare()

    let journals = journal.isEmpty ? [.sqlite] : journal
    var (ours, others): ([BenchJournal: [NetworkBenchLine]], [NetworkBenchLine]) = ([:], [])
    for _ in 0..<repeats {
      for journal in journals { ours[journal, default: []].append(try await benchmark.measure(journal, rate: rate)) }
      for compare in compare {
        others += try OtherProgram(command: compare).lines(
          of: NetworkBenchLine.self, members: "engine and rounds_per_second")
      }
    }
    let ownLines = journals.map { journal in
      var line = NetworkBenchLine.median(of: ours[journal]!)
      if journals.count > 1 { line.engine += "-\(journal.name)" }
      return line
    }
    var line = ownLines[0]
    let otherLines = Dictionary(grouping: others, by: \.engine).sorted { $0.key < $1.key }.map {
      NetworkBenchLine.median(of: $0.value)
    }
    let compared = ownLines.dropFirst() + otherLines
    if !compared.isEmpty {
      line.timesFasterThan = Dictionary(
        compared.map { ($0.engine, line.roundsPerSecond / $0.roundsPerSecond) }, uniquingKeysWith: { first, _ in first }
      )
    }
    var lines = [line] + ownLines.dropFirst()
    if let load {
      var loaded: [BenchJournal: [NetworkBenchLine]] = [:]
      for _ in 0..<repeats {
        for (journal, line) in zip(journals, ownLines) {
          loaded[journal, default: []].append(try await benchmark.measure(journal, rate: load * line.roundsPerSecond))
        }
      }
      for (journal, line) in zip(journals, ownLines) {
        var median = NetworkBenchLine.median(of: loaded[journal]!)
        median.engine = line.engine
        lines.append(median)
      }
    }
    return lines + otherLines
  }
}

/// The manifold of a benchmark's model.
enum BenchManifold: String, ExpressibleByArgument, CaseIterable {
  case linear
  case autoencoder

  var kind: any ManifoldKind {
    switch self {
    case .linear: LinearManifold.Settings()
    case .autoencoder: AutoencoderManifold.Settings(epochs: 40)
    }
  }
}
