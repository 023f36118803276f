public import CopurCore

/// Gradients through D(E(h)).
extension ManifoldProjection: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    var result = model.lossGradient(ofEach: manifold.project(observation.embeddings), labels: labels)
    result.gradient = manifold.projectionGradient(result.gradient, at: observation.embeddings)
    return result
  }
}
