import ArgumentParser
import CopurCore
import CopurPurification
import CopurReports
import Foundation

/// `copur bench purify`: seconds a sample of the paper's schedule and of the shipped solver.
struct BenchPurifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purify",
    abstract: "Measure purification: the paper's schedule and the shipped solver.",
    discussion: """
      An autoencoder with random weights, random embeddings, every agent observed. `not above` is the part of the \
      samples on which the shipped solver's objective is no higher than the schedule's.

      --compare runs another program in turn with each repeat. It prints lines of JSON with "engine", "batch" and \
      "seconds_per_sample", and is to be given the same sizes.

      Examples:
        copur bench purify --code 2 --batch 1 --batch 256
        copur bench purify --code 150 --compare 'python3 Deploy/bench/purify_pytorch.py --code 150 --batch 1 256'
        copur bench purify --check Deploy/bench/thresholds.json
      """)

  @Option(help: "How many agents.") var agents = 10
  @Option(help: "The width of an agent's embedding.") var dim = 32
  @Option(help: "The width of the autoencoder's hidden layers.") var hidden = 200
  @Option(help: "The width of its code.") var code = 150
  @Option(help: "A batch size; may be given several times. (default: 1 and 256)") var batch: [Int] = []
  @Option(help: "How often each measurement is made; the median counts.") var repeats = 5
  @Option(help: "The seed of weights and embeddings.") var seed: UInt64 = 0
  @Flag(help: "Print a line of JSON an engine and batch.") var json = false
  @Option(help: ArgumentHelp("A shell command to compare with.", valueName: "command")) var compare: String?
  @OptionGroup var checkOptions: CheckOptions
  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    let sizes = [("--agents", agents), ("--dim", dim), ("--hidden", hidden), ("--code", code), ("--repeats", repeats)]
    for (name, value) in sizes + batch.map({ ("--batch", $0) }) where !(1...100_000).contains(value) {
      throw ValidationError("\(name) is 1 to 100000 (actual: \(value))")
    }
    let elements = agents.multipliedReportingOverflow(by: dim)
    if elements.partialValue > 1_000_000 { throw ValidationError("--agents × --dim is at most 1000000") }
  }

  func run() async throws {
    try await reporting {
      let thresholds = try checkOptions.thresholds(of: .purify)
      let batches = batch.isEmpty ? [1, 256] : batch
      let benchmark = PurificationBenchmark(agents: agents, dim: dim, hidden: hidden, code: code, seed: seed)
      var lines: [BenchLine] = []
      var others: [BenchLine] = []
      for round in 0...repeats {
        for batch in batches {
          for engine in PurificationBenchmark.Engine.allCases {
            let measurement = benchmark.measure(engine, batch: batch)
            // The first round warms caches and clocks up.
            if round > 0 { lines.append(BenchLine(engine, batch: batch, measurement)) }
          }
        }
        if round > 0, let compare {
          others += try OtherProgram(command: compare).lines(
            of: BenchLine.self, members: "engine, batch and seconds_per_sample")
        }
      }
      let report = BenchReport(lines: lines, others: others)
      try Terminal.print(json ? try report.json() : report.table(), terminator: "")
      let settings = [("agents", agents), ("dim", dim), ("hidden", hidden), ("code", code)]
      try thresholds?.check(
        report.lines,
        settings: Dictionary(uniqueKeysWithValues: settings.map { ($0.0, JSONValue.number(Double($0.1))) }),
        isJSON: json)
    }
  }
}
