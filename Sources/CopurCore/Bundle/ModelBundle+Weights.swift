package import CopurLearning
internal import CopurNumerics

extension ModelBundle {
  /// The names of networks and arrays in the weights file.
  enum Part {
    static func extractor(_ agent: AgentID) -> String { "extractor.\(agent.name)" }
    static let joint = "fusion.joint"
    static let purified = "fusion.purified"
    static func further(_ index: Int) -> String { "fusion.further.\(index)" }
    static let encoder = "manifold.encoder"
    static let decoder = "manifold.decoder"
    static let offset = "manifold.offset"
    static let directions = "manifold.directions"
    static let centralCode = "manifold.central_code"
    static let blockScale = "manifold.block_scale"
    static func gate(_ agent: AgentID) -> String { "gate.\(agent.name)" }
    static let gateLimits = "gate.limits"
    static let residualLimits = "suspect.residual_limits"
    static let gatedResidualLimits = "suspect.gated_residual_limits"
  }

  /// All networks by name.
  private var networks: [String: DenseNetwork] {
    var networks = [Part.joint: jointModel.network, Part.purified: purifiedModel.network]
    for (agent, extractor) in zip(roster.agents, extractors) { networks[Part.extractor(agent)] = extractor.network }
    for (index, further) in furtherModels.enumerated() { networks[Part.further(index)] = further.model.network }
    if let autoencoder = manifold as? AutoencoderManifold {
      networks[Part.encoder] = autoencoder.encoder
      networks[Part.decoder] = autoencoder.decoder
    }
    return networks
  }

  var activations: [String: [Activation]] { networks.mapValues { $0.layers.map(\.activation) } }

  /// All arrays, for the weights file.
  var weights: Safetensors {
    var file = Safetensors()
    for (name, network) in networks {
      for (index, layer) in network.layers.enumerated() {
        file.tensors["\(name).\(index).weight"] = .init(layer.weights)
        file.tensors["\(name).\(index).bias"] = .init(layer.bias)
      }
    }
    for (agent, extractor) in zip(roster.agents, extractors) {
      file.tensors["\(Part.extractor(agent)).means"] = .init(extractor.standardizer.means)
      file.tensors["\(Part.extractor(agent)).standard_deviations"] = .init(extractor.standardizer.standardDeviations)
    }
    for (index, further) in furtherModels.enumerated() {
      if let null = further.null { file.tensors["\(Part.further(index)).null"] = .init(null) }
    }
    if let linear = manifold as? LinearManifold {
      file.tensors[Part.offset] = .init(linear.offset)
      file.tensors[Part.directions] = .init(linear.directions)
    } else {
      file.tensors[Part.centralCode] = .init(manifold.centralCode)
    }
    file.tensors[Part.blockScale] = .init([manifold.blockScale])
    for (agent, profile) in zip(roster.agents, calibration.profiles) {
      file.tensors["\(Part.gate(agent)).centre"] = .init(profile.centre)
      file.tensors["\(Part.gate(agent)).axes"] = .init(profile.axes)
      file.tensors["\(Part.gate(agent)).scales"] = .init(profile.scales)
      file.tensors["\(Part.gate(agent)).units"] = .init(profile.units)
    }
    file.tensors[Part.gateLimits] = .init(calibration.gateLimits)
    file.tensors[Part.residualLimits] = .init(calibration.residualLimits)
    file.tensors[Part.gatedResidualLimits] = .init(calibration.gatedResidualLimits)
    return file
  }

  /// Builds a bundle from what its two files say.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` that names the array that is missing or of the wrong shape.
  package init(manifest: BundleManifest, weights: Safetensors) throws {
    let reader = WeightsReader(weights: weights, activations: manifest.activations)
    guard manifest.classes.count >= 2 else {
      throw CopurError(.invalidData, "a bundle has at least 2 classes (actual: \(manifest.classes.count))")
    }
    let logits = ClassificationLoss(classes: manifest.classes.count).logits(classes: manifest.classes.count)
    let roster = try AgentRoster(agents: manifest.agents.map(\.name), widths: manifest.agents.map(\.embedding))
    let width = roster.layout.totalWidth
    let extractors = try manifest.agents.map { agent in
      let name = Part.extractor(agent.name)
      let deviations = try reader.positives("\(name).standard_deviations", count: agent.features)
      return NetworkExtractor(
        standardizer: Standardizer(
          means: try reader.vector("\(name).means", count: agent.features), standardDeviations: deviations),
        network: try reader.network(name, inputs: agent.features, outputs: agent.embedding))
    }
    let scale = try reader.vector(Part.blockScale, count: 1)[0]
    let manifold: any Manifold
    switch manifest.manifold {
    case .linear:
      manifold = LinearManifold(
        layout: roster.layout, offset: try reader.vector(Part.offset, count: width),
        directions: try reader.matrix(Part.directions, columns: width), blockScale: scale)
    case .autoencoder:
      let encoder = try reader.network(Part.encoder, inputs: width, outputs: nil)
      let decoder = try reader.network(Part.decoder, inputs: encoder.outputWidth, outputs: width)
      guard AutoencoderManifold.isDecoder(decoder) else {
        let actual = decoder.layers.map { "\($0.activation)" }.joined(separator: ", ")
        throw CopurError(
          .invalidData,
          "\"\(Part.decoder)\" has one hidden layer and an output without activation (actual: \(actual))")
      }
      manifold = AutoencoderManifold(
        layout: roster.layout, encoder: encoder, decoder: decoder,
        centralCode: try reader.vector(Part.centralCode, count: encoder.outputWidth), blockScale: scale)
    }
    try self.init(
      manifest: manifest, extractors: extractors, manifold: manifold,
      jointModel: FusionModel(
        network: try reader.network(Part.joint, inputs: width, outputs: logits), classes: manifest.classes.count),
      purifiedModel: FusionModel(
        network: try reader.network(Part.purified, inputs: width, outputs: logits), classes: manifest.classes.count),
      calibration: try Self.calibration(of: roster, reader),
      furtherModels: try (manifest.furtherModels ?? []).enumerated().map { index, training in
        let network = try reader.network(Part.further(index), inputs: width, outputs: logits)
        var null: [Float]?
        if case .ablation = training { null = try reader.vector("\(Part.further(index)).null", count: width) }
        return FurtherModel(
          training: training, model: FusionModel(network: network, classes: manifest.classes.count), null: null)
      })
  }
}

extension ModelBundle {
  private static func calibration(of roster: AgentRoster, _ reader: WeightsReader) throws -> Calibration {
    let profiles = try zip(roster.agents, roster.layout.widths).map { agent, width in
      let name = Part.gate(agent)
      let axes = try reader.matrix("\(name).axes", columns: width)
      return EmbeddingProfile(
        centre: try reader.vector("\(name).centre", count: width), axes: axes,
        scales: try reader.positives("\(name).scales", count: axes.rows),
        units: try reader.positives("\(name).units", count: 3))
    }
    return Calibration(
      profiles: profiles, gateLimits: try reader.vector(Part.gateLimits, count: roster.count),
      residualLimits: try reader.vector(Part.residualLimits, count: roster.count),
      gatedResidualLimits: try reader.vector(Part.gatedResidualLimits, count: roster.count))
  }
}

/// Takes arrays out of a weights file, each checked for its shape and for numbers that are not finite.
private struct WeightsReader {
  let weights: Safetensors
  let activations: [String: [Activation]]

  func tensor(_ name: String) throws -> Safetensors.Tensor {
    guard let tensor = weights.tensors[name] else {
      throw CopurError(.invalidData, "the weights hold an array \"\(name)\" (it is missing)")
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      throw CopurError(.invalidData, "weights are finite (\"\(name)\" holds NaN or infinity)")
    }
    return tensor
  }

  func vector(_ name: String, count: Int) throws -> [Float] {
    let tensor = try tensor(name)
    guard tensor.shape == [count] else {
      throw CopurError(.invalidData, "\"\(name)\" has the shape [\(count)] (actual: \(tensor.shape))")
    }
    return tensor.values
  }

  func positives(_ name: String, count: Int) throws -> [Float] {
    let values = try vector(name, count: count)
    guard values.allSatisfy({ $0 > 0 }) else {
      throw CopurError(.invalidData, "\"\(name)\" holds numbers above 0 (actual: \(values.min() ?? 0))")
    }
    return values
  }

  func matrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix {
    let tensor = try tensor(name)
    guard tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] > 0, rows == nil || tensor.shape[0] == rows,
      columns == nil || tensor.shape[1] == columns
    else {
      let wanted = [rows, columns].map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      throw CopurError(.invalidData, "\"\(name)\" has the shape [\(wanted)] (actual: \(tensor.shape))")
    }
    return Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.values)
  }

  func network(_ name: String, inputs: Int, outputs: Int?) throws -> DenseNetwork {
    guard let activations = activations[name], !activations.isEmpty else {
      throw CopurError(.invalidData, "bundle.json names the activations of \"\(name)\" (they are missing)")
    }
    var width = inputs
    var layers: [DenseLayer] = []
    for (index, activation) in activations.enumerated() {
      let matrix = try matrix(
        "\(name).\(index).weight", rows: width, columns: index == activations.count - 1 ? outputs : nil)
      layers.append(
        DenseLayer(
          weights: matrix, bias: try vector("\(name).\(index).bias", count: matrix.columns), activation: activation))
      width = matrix.columns
    }
    return DenseNetwork(layers: layers)
  }
}
