import ArgumentParser
import CopurCore
import CopurLearning
import CopurNumerics
import Foundation

/// `copur bench robust`: trainings that leave rows out, on one core.
struct BenchRobustCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "robust",
    abstract: "Time an epoch of trainings that leave rows out, and their scores, on one core.",
    discussion: """
      Rows are synthetic, of the sizes of ODDS's satellite and of a regression with 5148 rows. --compare runs another program \
      in turn with each repeat. It prints lines of JSON with "case" and "seconds".

      Example:
        copur bench robust --compare 'python3 Deploy/bench/robust_pytorch.py --repeats 1'
      """)

  @Option(help: "How often each is measured; the median counts.") var repeats = 5
  @Option(help: ArgumentHelp("A shell command to compare with.", valueName: "command")) var compare: String?
  @Flag(help: "Print a line of JSON a measurement.") var json = false
  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats is 1 to 1000 (actual: \(repeats))") }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      var (own, other) = ([String: [Double]](), [String: [Double]]())
      let cases = try Self.cases()
      for turn in 0...repeats {
        for index in cases.indices {
          let seconds = try ContinuousClock().measure { try cases[index].body() } / .seconds(1)
          // The first one warms caches up.
          if turn > 0 { own[cases[index].name, default: []].append(seconds) }
        }
        if turn > 0, let compare {
          let lines = try OtherProgram(command: compare).lines(of: TimedCase.self, members: "case and seconds")
          for line in lines { other[line.case, default: []].append(line.seconds) }
        }
      }
      let median = TimedCase.median
      var rows = [["case", "copur, ms"] + (compare == nil ? [] : ["other, ms", "times faster"])]
      for name in cases.map(\.name) {
        let mine = median(own[name] ?? [0])
        if json { try TimedCase(case: name, seconds: mine, engine: "copur").print() }
        var row = [name, String(format: "%.2f", 1000 * mine)]
        if compare != nil {
          let theirs = other[name].map(median)
          if json, let theirs { try TimedCase(case: name, seconds: theirs, engine: "other").print() }
          row += theirs.map { [String(format: "%.2f", 1000 * $0), String(format: "%.2f", $0 / mine)] } ?? ["–", "–"]
        }
        rows.append(row)
      }
      if !json { try Terminal.print(AlignedRows(rows).text, terminator: "") }
    }
  }

  /// Something that is timed.
  private struct Case {
    let name: String
    let body: () throws -> Void
  }

  /// Models that train on, epoch after epoch.
  private final class State<Model: SelectableModel> {
    var models: [Model]
    var generator = SeededGenerator(seed: 1)
    let training: SelectiveTraining
    let rows: Int

    init(_ models: [Model], leftOut: Double, batch: Int, rows: Int) {
      self.models = models
      self.rows = rows
      training = SelectiveTraining(
        share: KeptShare(leftOut: leftOut, over: 0), exchanges: models.count > 1, epochs: 1, batch: batch)
    }

    func epoch() throws { try training.train(&models, rows: rows, using: &generator) }
  }

  private static func cases() throws -> [Case] {
    var generator = SeededGenerator(seed: 0)
    func uniform(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in generator.uniform(0, 1) })
    }
    let (table, scored) = (uniform(3861, 36), uniform(2574, 36))
    let adam = Optimizer(.adam(), learningRate: 3e-4)
    let rca = State(
      (0..<2).map { _ in DropoutAutoencoder(.init(), inputs: table, optimizer: adam, using: &generator) },
      leftOut: 0.3, batch: 128, rows: table.rows)
    var shape = NormalizingFlow.Shape()
    shape.spectralLimit = 1.5
    let flow = State(
      [try NormalizingFlow(shape, inputs: table, optimizer: adam, using: &generator)], leftOut: 0.3, batch: 128,
      rows: table.rows)
    let inputs = uniform(5148, 26)
    let targets = uniform(5148, 10)
    func regression(
      _ doubt: SupervisedNetwork.Doubt, leftOut: Double, models: Int = 1, isHuber: Bool = false
    ) -> State<SupervisedNetwork> {
      State(
        (0..<models).map { _ in
          SupervisedNetwork(
            DenseNetwork(widths: [26, 256, 256, 10], hidden: .leakyReLU(slope: 0.01), using: &generator),
            inputs: inputs, targets: isHuber ? .huber(targets) : .vectors(targets), doubt: doubt, optimizer: adam)
        }, leftOut: leftOut, batch: 512, rows: inputs.rows)
    }
    let (standard, huber) = (regression(.loss, leftOut: 0), regression(.loss, leftOut: 0, isHuber: true))
    let byLoss = regression(.outputGradient, leftOut: 0.3)
    let byGradient = regression(.parameterGradient, leftOut: 0.3)
    let together = regression(.outputGradient, leftOut: 0.3, models: 2)
    return [
      Case(name: "rca-epoch") { try rca.epoch() },
      Case(name: "rca-score") { for seed in 0..<10 { _ = rca.models[0].errors(of: scored, seed: UInt64(seed)) } },
      Case(name: "flow-epoch") { try flow.epoch() },
      Case(name: "flow-score") { _ = flow.models[0].negativeLogDensities(scored) },
      Case(name: "regression-standard") { try standard.epoch() },
      Case(name: "regression-huber") { try huber.epoch() },
      Case(name: "regression-prl-l") { try byLoss.epoch() },
      Case(name: "regression-prl-g") { try byGradient.epoch() },
      Case(name: "regression-co-prl-l") { try together.epoch() },
    ]
  }
}
