import ArgumentParser
import CopurCore
import CopurDatasets
import CopurImages
import CopurLearning
import CopurReports
import Foundation

/// `copur study carso`: a purifier of pictures beside its classifier, under attacks whose losses stay finite.
struct StudyCARSOCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carso",
    abstract: "A purifier of pictures (CARSO) and its classifier, under attacks through all of it.",
    discussion: """
      Trains a classifier against PGD, and behind it a conditional variational autoencoder that gives back clean pictures \
      from the classifier's inner layers (Ballarin, Ansuini and Bortolussi 2025). Every attack is played on test pictures \
      and judged by predictions with fresh draws: their mean, their majority, and the worst of them. The row "worst" takes \
      of all attacks the one that hurts, picture by picture. An attack that moves no picture is called broken.

      Examples:
        copur study carso fashion-mnist
        copur study carso mnist --seeds 3 --out carso-mnist
        copur study carso photos.npz --radius 0.03 --test-pictures 100
      """)

  @Argument(help: "mnist, fashion-mnist, or the path of an NPZ file or folder of pictures.") var pictures =
    "fashion-mnist"
  @Option(
    help: ArgumentHelp(
      "ε, the largest change of a value from 0 to 1; that of the data set if left out.", valueName: "size"))
  var radius: Float?
  @Option(help: ArgumentHelp("How many seeds.", valueName: "n")) var seeds = 1
  @Option(help: ArgumentHelp("How many training pictures.", valueName: "n")) var trainPictures = 20_000
  @Option(help: ArgumentHelp("How many test pictures.", valueName: "n")) var testPictures = 200
  @Option(help: ArgumentHelp("Passes of the classifier's training.", valueName: "n")) var classifierEpochs: Int?
  @Option(help: ArgumentHelp("Passes of the purifier's training.", valueName: "n")) var purifierEpochs: Int?
  @Option(help: ArgumentHelp("A folder for report.html and results.json.", valueName: "dir")) var out: String?
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var kernelOptions: KernelOptions

  func validate() throws {
    for (name, value, range) in [
      ("--seeds", seeds, 1...1000), ("--train-pictures", trainPictures, 4...1_000_000_000),
      ("--test-pictures", testPictures, 1...1_000_000_000), ("--classifier-epochs", classifierEpochs ?? 1, 1...100_000),
      ("--purifier-epochs", purifierEpochs ?? 1, 1...100_000),
    ] where !range.contains(value) {
      throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
    }
    if let radius, !(radius > 0 && radius <= 1) {
      throw ValidationError("--radius is over 0, at most 1 (actual: \(radius))")
    }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let data = try Pictures.load(named: pictures, in: try dataOptions.directory())
      var settings = data.name == "mnist" ? CARSOStudy.Settings.mnist : .fashionMNIST
      if let radius { settings.radius = radius }
      (settings.trainPictures, settings.testPictures) = (trainPictures, testPictures)
      if let classifierEpochs { settings.classifierTraining.epochs = classifierEpochs }
      if let purifierEpochs { settings.purifierTraining.epochs = purifierEpochs }
      let folder = try out.map(OutputFolder.make)
      let (fixed, shape) = (settings, ImageShape(rows: data.rows, columns: data.columns, channels: data.channels))
      var results: [CARSOStudy.Result] = []
      for seed in 0..<UInt64(seeds) {
        results.append(
          try await interruptible {
            try CARSOStudy.run(
              train: data.train, test: data.test, shape: shape, classes: data.classNames.count, settings: fixed,
              seed: seed
            ) { Terminal.report(Self.words(seed, $0)) }
          })
      }
      let table = CARSOTable(dataset: data.name, results: results)
      try Terminal.print(table.text, terminator: "")
      guard let folder else { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try DurableFile.write(encoder.encode(results), to: folder.appending(path: "results.json"), permissions: 0o644)
      try DurableFile.write(
        Data(table.page.markup.utf8), to: folder.appending(path: "report.html"), permissions: 0o644)
      try Terminal.print("Report: \(folder.appending(path: "report.html").relativePath)")
    }
  }

  private static func words(_ seed: UInt64, _ progress: CARSOStudy.Progress) -> String {
    switch progress {
    case .classifier(let epoch, let loss): String(format: "seed \(seed): classifier, epoch \(epoch), loss %.3f", loss)
    case .purifier(let epoch, let losses):
      String(
        format: "seed \(seed): purifier, epoch \(epoch), reconstruction %.1f, divergence %.3f nats",
        losses.reconstruction,
        losses.divergence)
    case .row(let row):
      String(format: "seed \(seed): \(row.victim.rawValue), \(row.attack): %.1f %% right", 100 * row.figures.mean)
    }
  }
}
