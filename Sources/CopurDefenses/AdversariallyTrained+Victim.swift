public import CopurCore

/// The attacker who knows this defence knows the model: there is nothing else.
extension AdversariallyTrained: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    model.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}
