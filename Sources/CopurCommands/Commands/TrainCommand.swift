import ArgumentParser
import CopurCore
import CopurDatasets
import CopurReports
import CopurScenarios
import CopurTraining
import Foundation

/// `copur train`: extractors, manifold and fusion model into a bundle.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a scenario's models into a bundle, for `serve` and `agent`.",
    discussion: """
      Example:
        copur train scenarios/extrasensory/quick.yaml --out bundle
      """)

  @Argument(help: "The scenario, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

  @Option(help: ArgumentHelp("The folder for the bundle; an old bundle in it is replaced.", valueName: "bundle"))
  var out: String

  @Option(help: ArgumentHelp("The seed; the scenario's first if left out.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Train the models of this defence of the scenario, if it has its own; else those that it trains for all.",
      valueName: "name"))
  var defense: String?

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var kernelOptions: KernelOptions

  func run() async throws {
    try await reporting {
      let data = try dataOptions.directory()
      let scenario = try Scenario.load(scenario, data: data)
      let dataset = try scenario.dataset.load(from: data, agents: scenario.agents)
      let seed = seed ?? scenario.seeds[0]
      let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
      for note in scenario.dataset.notes(of: dataset) { display.observe(.noticed(note)) }
      let models = try scenario.models(of: defense)
      let bundle = try await models.trainer(for: scenario.name, source: try JSONValue(encoding: scenario.dataset))
        .train(on: dataset, seed: seed) { display.observe(.training(seed: seed, $0)) }
      try bundle.write(to: URL(filePath: out))
      display.observe(
        .trained(seed: seed, modelVersion: bundle.modelVersion, code: bundle.manifold.codeWidth, reused: false))
      try Terminal.print(
        "\(out): model \(bundle.modelVersion), \(bundle.roster.count) agents, code \(bundle.manifold.codeWidth)")
      for judged in bundle.manifest.trainings ?? [] {
        let changes = judged.training.changes(from: models.training).joined(separator: ", ")
        try Terminal.print(
          "  trained \(changes.isEmpty ? "as the scenario says" : "with \(changes)"): balanced accuracy on held-out training "
            + "rows \(percent(judged.clean)) clean, \(percent(judged.corrupted)) corrupted, code \(judged.code)"
            + (judged.isTaken ? " (taken)" : ""))
      }
      for candidate in bundle.manifest.candidates {
        try Terminal.print(
          "  code \(candidate.code): balanced accuracy on held-out training rows \(percent(candidate.clean)) clean, "
            + "\(percent(candidate.corrupted)) corrupted (\(percent(candidate.corruptedWithoutGate)) without the gate)")
      }
      if let record = bundle.manifest.protection {
        for line in ProtectionDescription(record).lines { try Terminal.print("  " + line) }
      }
      for line in BundleDescription(bundle).lines { try Terminal.print("  " + line) }
    }
  }

  private func percent(_ rate: Float) -> String { String(format: "%.1f %%", 100 * Double(rate)) }
}
