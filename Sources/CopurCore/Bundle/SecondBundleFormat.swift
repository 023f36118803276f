internal import CopurLearning

/// The manifest of the format `copur-bundle/2`, in which a bundle was a fixed set of dense networks and arrays.
struct SecondBundleFormat: Codable {
  static let name = "copur-bundle/2"

  enum ManifoldKind: String, Codable { case linear, autoencoder }

  var format: String
  var modelVersion: String
  var name: String
  var agents: [BundleManifest.Agent]
  var classes: [String]
  var seed: UInt64
  var manifold: ManifoldKind
  var candidates: [BundleManifest.Candidate]
  var trainings: [BundleManifest.JudgedTraining]?
  var leverage: [LeverageConstant]
  var calibration: CalibrationRecord
  /// The activation of each layer of each network, by the network's name.
  var activations: [String: [Activation]]
  /// The trainings of the further fusion models, in their order.
  var furtherModels: [FusionTraining]?
  var settings: JSONValue
  var dataset: JSONValue
  var datasetDigest: String
  var computedWith: String?
  var weightsDigest: String

  /// The same bundle in the current format.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` that names the array that is missing or of the wrong shape.
  func upgraded(_ weights: Safetensors) throws -> (BundleManifest, Safetensors) {
    var parts = Upgrade(activations: activations, weights: weights)
    for agent in agents {
      let name = BundlePartName.extractor(agent.name)
      parts.begin(name, NetworkExtractor.kind)
      try parts.move(network: name, as: nil)
      try parts.move(["\(name).means": "means", "\(name).standard_deviations": "standard_deviations"])
    }
    for name in [BundlePartName.joint, BundlePartName.purified] {
      parts.begin(name, FusionModel.kind)
      try parts.move(network: name, as: nil)
    }
    for (index, training) in (furtherModels ?? []).enumerated() {
      let name = BundlePartName.further(index)
      parts.begin(name, FurtherModel.kind)
      parts.set("training", to: try JSONValue(encoding: training))
      try parts.move(network: name, as: nil)
      if case .ablation = training { try parts.move(["\(name).null": "null"]) }
    }
    switch manifold {
    case .linear:
      parts.begin(BundlePartName.manifold, LinearManifold.kind)
      try parts.move(["manifold.offset": "offset", "manifold.directions": "directions"])
    case .autoencoder:
      parts.begin(BundlePartName.manifold, AutoencoderManifold.kind)
      try parts.move(network: "manifold.encoder", as: "encoder")
      try parts.move(network: "manifold.decoder", as: "decoder")
      try parts.move(["manifold.central_code": "central_code"])
    }
    try parts.move(["manifold.block_scale": "block_scale"])
    parts.begin(BundlePartName.calibration, Calibration.kind)
    for (index, agent) in agents.enumerated() {
      for array in ["centre", "axes", "scales", "units"] {
        try parts.move(["gate.\(agent.name).\(array)": "\(index).\(array)"])
      }
    }
    try parts.move([
      "gate.limits": "gate_limits", "suspect.residual_limits": "residual_limits",
      "suspect.gated_residual_limits": "gated_residual_limits",
    ])
    var manifest = BundleManifest(
      name: name, agents: agents, classes: classes, seed: seed, candidates: candidates, leverage: leverage,
      calibration: calibration, settings: settings, dataset: dataset, datasetDigest: datasetDigest)
    manifest.trainings = trainings
    manifest.computedWith = computedWith
    manifest.parts = parts.records
    return (manifest, parts.moved)
  }
}

/// The parts of a bundle as they are put together from arrays under other names.
private struct Upgrade {
  let activations: [String: [Activation]]
  let weights: Safetensors
  var records: [BundleManifest.Part] = []
  var moved = Safetensors()

  init(activations: [String: [Activation]], weights: Safetensors) {
    self.activations = activations
    self.weights = weights
  }

  /// Starts a part, to which everything up to the next one belongs.
  mutating func begin(_ name: String, _ kind: String) {
    records.append(BundleManifest.Part(name: name, kind: kind, settings: [:]))
  }

  mutating func set(_ name: String, to value: JSONValue) { records[records.count - 1].settings[name] = value }

  /// Moves arrays by their old names to their new ones in the part.
  mutating func move(_ names: [String: String]) throws {
    for (old, new) in names {
      moved.tensors[PartReader.path(records[records.count - 1].name, new)] = try tensor(old)
    }
  }

  /// Moves a network of dense layers.
  ///
  /// - Parameter new: The name in the part; nil for the part's only network.
  mutating func move(network old: String, as new: String?) throws {
    guard let activations = activations[old], !activations.isEmpty else {
      throw CopurError(.invalidData, "bundle.json names the activations of \"\(old)\" (they are missing)")
    }
    var inputs = 0
    var layers: [Architecture.Element] = []
    for (index, activation) in activations.enumerated() {
      let weight = try tensor("\(old).\(index).weight")
      guard weight.shape.count == 2 else {
        throw CopurError(
          .invalidData, "\"\(old).\(index).weight\" has the shape [inputs, outputs] (actual: \(weight.shape))")
      }
      if index == 0 { inputs = weight.shape[0] }
      layers.append(
        Architecture.Element("\(index)", DenseSpecification(outputs: weight.shape[1], activation: activation)))
      for array in ["\(index).weight", "\(index).bias"] {
        try move(["\(old).\(array)": new.map { "\($0).\(array)" } ?? array])
      }
    }
    do {
      set(new ?? PartWriter.architecture, to: try JSONValue(encoding: Architecture(inputWidth: inputs, layers: layers)))
    } catch {
      throw CopurError(.invalidData, "\"\(old)\" is no network", cause: error)
    }
  }

  private func tensor(_ name: String) throws -> Safetensors.Tensor {
    guard let tensor = weights.tensors[name] else {
      throw CopurError(.invalidData, "the weights hold an array \"\(name)\" (it is missing)")
    }
    return tensor
  }
}
