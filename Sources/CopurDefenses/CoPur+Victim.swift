public import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// Gradients through the purifier, of what passes the gate.
extension CoPur: Victim {
  public var regions: [AcceptedRegion]? { purifier.gate?.regions }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    lossGradient(observation) { model.lossGradient(ofEach: $0, labels: labels) }
  }

  /// Losses of what a model makes of l̂, and their gradients with respect to what is received.
  ///
  /// - Parameter loss: Takes l̂, [n, D]; gives the gradients with respect to it.
  func lossGradient(_ observation: Observation, of loss: (Matrix) -> LossGradient) -> LossGradient {
    let (purification, passage) = purifier.purify(observation)
    var result = loss(purification.embeddings)
    result.gradient = purifier.purifier.gradient(
      result.gradient, at: purification, of: passage?.observation ?? observation)
    return result
  }
}
