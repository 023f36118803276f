public import ArgumentParser
import CopurCore
import CopurLearning
public import CopurNumerics
import Foundation

/// `copur bench training`: batches a second of joint training, in one process and over the network.
struct BenchTrainingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Measure joint training: in one process, and with a process an agent over mutual TLS.",
    discussion: """
      Rows are synthetic, of the sizes of ExtraSensory. An asynchronous batch is as many contacts as there are agents.

      --compare runs another program in turn with each repeat. It prints lines of JSON with "engine" and \
      "batches_per_second", and is to be given the same sizes.

      Examples:
        copur bench training --epochs 20
        copur bench training --delay 40ms --epochs 2 --curve losses.csv
        copur bench training --compare 'python3 Deploy/bench/split_grpcio.py DATA --epochs 20'
      """)

  @Option(help: "How many agents.") var agents = 10
  @Option(help: "How many features an agent has.") var features = 22
  @Option(help: "How many rows.") var rows = 1721
  @Option(help: "The width of an agent's embedding.") var dim = 32
  @Option(help: "Rows a step.") var batch = 64
  @Option(help: "Passes over the rows.") var epochs = 20
  @Option(help: "How often each measurement is made; the median counts.") var repeats = 3
  @Option(help: ArgumentHelp("How long the first agent waits before each answer.", valueName: "time"))
  var delay: DurationOption?
  @Option(help: ArgumentHelp("The format of numbers on the wire.", valueName: "int8|int16|float32"))
  var numbers = QuantizedNumbers.Format.float32
  @Option(help: "How many steps each side takes on one batch.") var localSteps = 1
  @Option(help: "The seed of rows and weights.") var seed: UInt64 = 0
  @Flag(help: "Leave the asynchronous mode out.") var synchronous = false
  @Option(help: ArgumentHelp("Write the losses over time to this file, CSV.", valueName: "file")) var curve: String?
  @Flag(help: "Print a line of JSON a measurement.") var json = false
  @Option(help: ArgumentHelp("A shell command to compare with.", valueName: "command")) var compare: String?
  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    let sizes = [
      ("--agents", agents), ("--features", features), ("--rows", rows), ("--dim", dim), ("--batch", batch),
      ("--epochs", epochs), ("--repeats", repeats), ("--local-steps", localSteps),
    ]
    for (name, value) in sizes where !(1...100_000).contains(value) {
      throw ValidationError("\(name) is 1 to 100000 (actual: \(value))")
    }
  }

  /// One measurement; another program's has the first two members, and more where it says more.
  private struct Line: Codable {
    var engine: String
    var batchesPerSecond: Double
    /// CPU time of center and agents together.
    var cpuMillisecondsPerBatch: Double?
    var bytesPerBatch: Double?
    var finalLoss: Double?

    private enum CodingKeys: String, CodingKey {
      case engine
      case batchesPerSecond = "batches_per_second"
      case cpuMillisecondsPerBatch = "cpu_ms_per_batch"
      case bytesPerBatch = "bytes_per_batch"
      case finalLoss = "final_loss"
    }
  }

  func run() async throws {
    try await reporting {
      var settings = TrainingSettings(embedding: dim, epochs: epochs, batch: batch)
      settings.exchange = JointExchange(localSteps: localSteps, numbers: numbers)
      let benchmark = TrainingBenchmark(
        agents: agents, features: features, rows: rows, settings: settings, seed: seed, delay: delay?.duration)
      let executable = try RunCommand.executable()
      let engines: [TrainingBenchmark.Engine] =
        synchronous ? [.inProcess, .synchronous] : [.inProcess, .synchronous, .asynchronous]
      var lines: [Line] = []
      var points = "engine,repeat,seconds,epoch,loss\n"
      for turn in 1...repeats {
        for engine in engines {
          let measured = try await benchmark.measure(engine, executable: executable)
          let isNetwork = engine != .inProcess
          lines.append(
            Line(
              engine: engine.rawValue, batchesPerSecond: Double(measured.batches) / measured.seconds,
              cpuMillisecondsPerBatch: 1000 * (measured.centerSeconds + measured.agentSeconds)
                / Double(measured.batches),
              bytesPerBatch: isNetwork ? Double(measured.bytes) / Double(measured.batches) : nil,
              finalLoss: measured.curve.last.map { Double($0.loss) }))
          for point in measured.curve {
            points += "\"\(engine.rawValue)\",\(turn),\(point.seconds),\(point.epoch),\(point.loss)\n"
          }
        }
        if let compare {
          lines += try OtherProgram(command: compare).lines(of: Line.self, members: "engine and batches_per_second")
        }
      }
      if let curve { try DurableFile.write(Data(points.utf8), to: URL(filePath: curve), permissions: 0o644) }
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        for line in lines { try Terminal.print(String(decoding: try encoder.encode(line), as: UTF8.self)) }
      } else {
        try Terminal.print(table(of: lines), terminator: "")
      }
    }
  }

  /// The medians of each engine.
  private func table(of lines: [Line]) -> String {
    var engines: [String] = []
    for line in lines where !engines.contains(line.engine) { engines.append(line.engine) }
    let numbers = Double(batch * dim * agents * 8)
    var table = "engine                    batches/s   CPU ms a batch   bytes a batch   over the numbers   final loss\n"
    for engine in engines {
      let own = lines.filter { $0.engine == engine }
      func median(_ value: (Line) -> Double?) -> Double? {
        let values = own.compactMap(value).sorted()
        return values.isEmpty ? nil : values[values.count / 2]
      }
      func cell(_ value: Double?, _ format: String, _ width: Int) -> String {
        let text = value.map { String(format: format, $0) } ?? "–"
        return String(repeating: " ", count: max(0, width - text.count)) + text
      }
      let bytes = median(\.bytesPerBatch)
      table +=
        engine + String(repeating: " ", count: max(1, 24 - engine.count)) + cell(median(\.batchesPerSecond), "%.0f", 11)
        + cell(median(\.cpuMillisecondsPerBatch), "%.2f", 17) + cell(bytes, "%.0f", 16)
        // The last batch of an epoch is shorter.
        + cell(bytes.map { 100 * ($0 / (numbers * meanFill) - 1) }, "%+.1f %%", 19)
        + cell(median(\.finalLoss), "%.5f", 13) + "\n"
    }
    return table
  }

  /// The mean share of a batch that is full.
  private var meanFill: Double {
    Double(rows) / Double(batch * ((rows + batch - 1) / batch))
      * (numbers == .int8 ? 0.25 : numbers == .int16 ? 0.5 : 1)
  }
}

extension QuantizedNumbers.Format: ExpressibleByArgument {}
