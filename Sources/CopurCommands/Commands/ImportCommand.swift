import ArgumentParser
import CopurCore
import CopurLearning
import CopurScenarios
import Foundation

/// `copur import`: models that were trained elsewhere.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take over extractors and a fusion model that were trained elsewhere, such as in PyTorch.",
    discussion: """
      Reads a file that states where each agent's network is: in ONNX, or in safetensors with its layers stated, as a \
      torch.nn.Sequential has them. A scenario's `training: { extractor: { kind: imported, folder: DIR } }` takes what this \
      writes as it is: the manifold is learned on its embeddings, the limits of gate and suspects are calibrated, and what is \
      missing, such as the fusion model behind purification, is trained.

        agents:
          vibration: { file: model.safetensors, prefix: extractors.vibration, layers: [linear, relu, linear] }
          heat: { file: heat.onnx }
        fusion: { file: model.safetensors, prefix: fusion, layers: [linear] }

      Layers: linear, conv2d, batch_norm, max_pool, avg_pool, global_avg_pool, flatten, relu, leaky_relu, tanh, sigmoid, \
      softplus, identity, dropout. Operators of ONNX: \(ONNXImport.operators.joined(separator: ", ")).

      Examples:
        copur import models.yaml --out models
        copur import models.yaml --out models --examples examples.safetensors
      """)

  @Argument(help: ArgumentHelp("The statement of the models.", valueName: "file"), completion: .file())
  var statement: String

  @Option(help: ArgumentHelp("The folder for the models; older ones in it are replaced.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Inputs and the outputs that the models gave to them where they were trained, arrays AGENT.input and AGENT.output of a "
        + "safetensors file, fusion.input and fusion.output: the models are taken over if they give the same.",
      valueName: "file"), completion: .file(extensions: ["safetensors"]))
  var examples: String?

  @Option(
    help: ArgumentHelp(
      "How far an output may be from an example's, as a share of the largest one of its network, at least 1.",
      valueName: "number"))
  var tolerance: Float = 1e-5

  func validate() throws {
    guard tolerance >= 0, tolerance.isFinite else {
      throw ValidationError("--tolerance is a number from 0 (actual: \(tolerance))")
    }
  }

  func run() async throws {
    try await reporting {
      let models = try ModelImport(reading: statement).models()
      let checked = try examples.map { try ImportExamples(reading: $0).check(models, tolerance: tolerance) }
      try models.write(to: URL(filePath: out))
      for (agent, extractor) in zip(models.roster.agents, models.extractors) {
        try Terminal.print("\(agent): \(extractor.inputWidth) features → \(extractor.network.words)")
      }
      if let fusion = models.fusion {
        try Terminal.print("fusion: \(fusion.inputWidth) values → \(Network(fusion).words)")
      }
      for line in checked ?? [] { try Terminal.print(line) }
      try Terminal.print(
        "\(out): extractors of \(models.roster.count) agents, for `extractor: { kind: imported, folder: \(out) }`")
    }
  }
}

extension Network {
  /// The layers' kinds, and the width of the output.
  fileprivate var words: String {
    architecture.layers.map { type(of: $0.specification).kind }.joined(separator: ", ") + " → \(outputWidth)"
  }
}
