public import ArgumentParser
import CopurCore
import CopurDatasets
public import CopurImages
import CopurLearning
import CopurNumerics
import Foundation

/// `copur certify pixels`: certificates against few changed pixels.
struct CertifyPixelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pixels",
    abstract: "Count the pictures that no change of so many pixels can turn.",
    discussion: """
      Trains on a data set's training pictures and certifies its test pictures, by
        ablation    a network that sees a few random pixels at a time (Levine and Feizi 2020): certificates hold with a
                    confidence, from drawn votes, by corollary 1 and corollary 2 of the paper;
        partition   submodels with pixels of their own (Hammoudeh and Lowd 2024): certificates are exact;
        quadrants   the same in four agents with a quarter of the picture each, against pixels of any one agent.
      With --out, training and votes are kept as they go: the same command goes on where it was stopped. --attack plays the \
      pointwise attack (Schott et al. 2019) against the defences and counts what it achieved under a certificate, which is \
      none if both are right.

      Examples:
        copur certify pixels mnist --defense partition
        copur certify pixels mnist --epochs 30 --images 500 --out mnist-pixels
        copur certify pixels fashion-mnist --defense quadrants --attack 50
      """)

  @Argument(help: "mnist, fashion-mnist, or the path of an NPZ file or folder of pictures.") var pictures: String
  @Option(name: .customLong("defense"), help: "A defence; may be repeated. All, if left out.")
  var defenses: [PixelRun.Defense] = []
  @Option(help: ArgumentHelp("How many test pictures ablation certifies, the first ones.", valueName: "n"))
  var images = 500
  @Option(help: ArgumentHelp("How many training pictures; all if left out.", valueName: "n")) var trainRows: Int?
  @Option(help: ArgumentHelp("How many pixels ablation keeps.", valueName: "k")) var keep = 45
  @Option(help: "What stands for the others.") var encoding: PixelRun.Encoding = .twoChannel
  @Option(help: ArgumentHelp("Passes of ablation's training over the pictures.", valueName: "n")) var epochs = 30
  @Option(help: "How ablation's step sizes go: halves is the paper's, for its 400 epochs.")
  var schedule: AblatedPixelTraining.Schedule = .oneCycle
  @Option(
    help: ArgumentHelp(
      "The first, or largest, step size; 0.01 of halves and 0.05 of a cycle if left out.", valueName: "size"))
  var rate: Float?
  @Option(help: ArgumentHelp("Steps over which the sizes of halves grow from 0.", valueName: "n")) var warmUp = 0
  @Option(help: ArgumentHelp("Votes that bound a probability; a tenth as many choose the class.", valueName: "n"))
  var draws = 10_000
  @Option(help: ArgumentHelp("How many submodels a partition of the whole picture has.", valueName: "n")) var parts = 60
  @Option(help: ArgumentHelp("How many submodels each quadrant has.", valueName: "n")) var quadrantParts = 9
  @Option(help: ArgumentHelp("Passes of the partitions' training over the pictures.", valueName: "n"))
  var partitionEpochs = 8
  @Option(
    help: ArgumentHelp(
      "How many turned submodels the partitions are trained against; 0 to train each submodel by itself.",
      valueName: "n"))
  var turned: Int?
  @Option(help: ArgumentHelp("How many test pictures the pointwise attack is played on.", valueName: "n")) var attack =
    0
  @Option(help: ArgumentHelp("Restarts of the attack.", valueName: "n")) var restarts = 10
  @Option(help: ArgumentHelp("Votes of ablation in an evaluation of the attack.", valueName: "n")) var attackDraws =
    1000
  @Option(help: "Gives first weights, orders and masks.") var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp(
      "A folder for report.html, results.json, outcomes.csv and what a restart needs.", valueName: "dir"))
  var out: String?
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    for (name, value, range) in [
      ("--images", images, 1...1_000_000), ("--keep", keep, 1...1 << 20), ("--epochs", epochs, 1...100_000),
      ("--warm-up", warmUp, 0...1_000_000), ("--draws", draws, 10...10_000_000), ("--parts", parts, 1...1024),
      ("--quadrant-parts", quadrantParts, 1...256), ("--partition-epochs", partitionEpochs, 1...100_000),
      ("--turned", turned ?? 0, 0...1024), ("--attack", attack, 0...1_000_000), ("--restarts", restarts, 1...1000),
      ("--attack-draws", attackDraws, 1...1_000_000), ("--train-rows", trainRows ?? 1, 1...1_000_000_000),
    ] where !range.contains(value) {
      throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
    }
    if let rate, !(rate > 0 && rate <= 1) {
      throw ValidationError("--rate is over 0, at most 1 (actual: \(rate))")
    }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let folder = try out.map(OutputFolder.make)
      let data = try Pictures.load(named: pictures, in: try dataOptions.directory(), trainRows: trainRows)
      var run = PixelRun(
        data: data, folder: folder, seed: seed, images: min(images, data.test.count),
        attack: .init(pictures: min(attack, data.test.count), restarts: restarts, draws: attackDraws))
      run.ablation = .init(
        keep: keep, encoding: encoding, epochs: epochs, schedule: schedule,
        rate: rate ?? (schedule == .halves ? 0.01 : 0.05), warmUp: warmUp, draws: draws)
      run.partition = .init(parts: parts, quadrantParts: quadrantParts, epochs: partitionEpochs, turned: turned)
      let (chosen, fixed) = (defenses.isEmpty ? PixelRun.Defense.allCases : defenses, run)
      let results = try await interruptible { try fixed.run(chosen) }
      try Terminal.print(results.text, terminator: "")
      guard let folder else { return }
      try results.write(to: folder)
      try Terminal.print("Report: \(folder.appending(path: "report.html").relativePath)")
    }
  }
}

extension AblatedPixelTraining.Schedule: ExpressibleByArgument {}
extension PixelRun.Defense: ExpressibleByArgument {}
extension PixelRun.Encoding: ExpressibleByArgument {}
