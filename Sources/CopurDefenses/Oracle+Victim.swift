public import CopurCore

/// Gradients through the purifier: 0 for what liars send, which has no effect.
extension Oracle: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    base.lossGradient(honest(observation), labels: labels, seeds: seeds)
  }
}
