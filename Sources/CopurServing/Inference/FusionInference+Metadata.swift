internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics

extension FusionInference {
  /// The inputs of a model: one an agent.
  func inputs(of model: ServedModel) -> [TensorDescription] {
    zip(model.roster.agents, model.roster.layout.widths).map {
      TensorDescription(name: $0.name, datatype: .fp32, shape: [-1, $1])
    }
  }

  /// The outputs of the defence that a request gets that names none.
  func outputs(of model: ServedModel) -> [TensorDescription] {
    let capabilities = capabilities(of: model.defenses[0], in: model)
    return capabilities.outputs.map {
      TensorDescription(
        name: $0.rawValue, datatype: $0.datatype,
        shape: [-1] + $0.columns(classes: capabilities.classes, layout: model.roster.layout))
    }
  }

  /// The further properties of a model in its metadata.
  func properties(of model: ServedModel) -> [String: String] {
    let layout = model.roster.layout
    var properties = [
      "missing": "an input left out is a missing agent; at least \(model.quorum) must be there",
      "alternative_inputs": "\(FusionInput.embedding) FP32 [-1, \(layout.totalWidth)] with "
        + "\(FusionInput.observed) BOOL [-1, \(layout.count)]",
      "quorum": "\(model.quorum)", "defenses": model.defenses.map(\.name).joined(separator: ","),
      "block_residual": "NaN (null in JSON) for a missing agent",
    ]
    let capabilities = capabilities(of: model.defenses[0], in: model)
    if capabilities.certifier != nil {
      properties["certified_agents"] =
        (capabilities.isCertified ? "" : "only where it is asked for; ") + "-1 if rounding alone could change the label"
    }
    return properties
  }
}
