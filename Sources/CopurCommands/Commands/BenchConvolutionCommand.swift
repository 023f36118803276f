import ArgumentParser
import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Foundation

/// `copur bench convolution`: an epoch of randomized ablation's network for MNIST.
struct BenchConvolutionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract: "Time an epoch of randomized ablation's network for MNIST, on all cores.",
    discussion: """
      The network and the training are those of the paper's tables 9 and 10 (Levine and Feizi 2020): mini-batches of 128 \
      pictures of which one mask leaves 45 pixels. Pictures are random numbers; some steps are timed and scaled up to the \
      469 of an epoch. --compare runs another program in turn with each repeat. It prints lines of JSON with "case" and \
      "seconds".

      Example:
        copur bench convolution --compare 'python3 Deploy/bench/convolution_pytorch.py'
      """)

  @Option(help: "How often each is measured; the median counts.") var repeats = 5
  @Option(help: "How many steps a measurement has.") var steps = 60
  @Option(help: ArgumentHelp("A shell command to compare with.", valueName: "command")) var compare: String?
  @Flag(help: "Print a line of JSON a measurement.") var json = false
  @OptionGroup var kernelOptions: KernelOptions

  private static let stepsOfAnEpoch = 469.0

  func validate() throws {
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats is 1 to 1000 (actual: \(repeats))") }
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps is 1 to 10000 (actual: \(steps))") }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      var generator = SeededGenerator(seed: 0)
      let rows = 128 * steps
      let pictures = Matrix(rows: rows, columns: 784, values: (0..<rows * 784).map { _ in generator.uniform(0, 1) })
      let labels = (0..<rows).map { _ in Int(generator.next() % 10) }
      var settings = AblatedPixelTraining.Settings(
        shape: ImageShape(rows: 28, columns: 28, channels: 1), classes: 10, keep: 45)
      settings.epochs = repeats + 1
      var training = try AblatedPixelTraining(settings)
      var (own, other) = ([Double](), [Double]())
      for turn in 0...repeats {
        let seconds = try ContinuousClock().measure { try training.runEpoch(pictures, labels: labels) } / .seconds(1)
        // The first one warms caches up.
        guard turn > 0 else { continue }
        own.append(seconds / Double(steps) * Self.stepsOfAnEpoch)
        guard let compare else { continue }
        let lines = try OtherProgram(command: compare).lines(of: TimedCase.self, members: "case and seconds")
        guard let line = lines.first(where: { $0.case == "epoch" }) else {
          throw CopurError(.invalidData, "\(compare): no line of the case \"epoch\"")
        }
        other.append(line.seconds)
      }
      let median = TimedCase.median
      if json {
        for (engine, values) in [("copur", own), ("other", other)] where !values.isEmpty {
          try TimedCase(case: "epoch", seconds: median(values), engine: engine).print()
        }
        return
      }
      var table = [["case", "copur, s"], ["epoch", String(format: "%.2f", median(own))]]
      if !other.isEmpty {
        // Neighbours in time are compared: on a shared machine both are slow at the same time.
        let ratios = zip(other, own).map { $0 / $1 }
        table[0] += ["other, s", "times faster", "from", "to"]
        table[1] +=
          [String(format: "%.2f", median(other)), String(format: "%.2f", median(ratios))]
          + [ratios.min(), ratios.max()].map { String(format: "%.2f", $0 ?? 0) }
      }
      try Terminal.print(AlignedRows(table).text, terminator: "")
    }
  }
}
