public import CopurCore
internal import CopurPurification

/// Gradients through the purifier, of what passes the gate.
extension CoPur: Victim {
  public var regions: [AcceptedRegion]? { purifier.gate?.regions }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    let (purification, passage) = purifier.purify(observation)
    var result = model.lossGradient(ofEach: purification.embeddings, labels: labels)
    result.gradient = purifier.purifier.gradient(
      result.gradient, at: purification, of: passage?.observation ?? observation)
    return result
  }
}
