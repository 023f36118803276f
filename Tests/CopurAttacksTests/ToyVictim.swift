import CopurCore
import CopurLearning
import CopurNumerics
import Synchronization

/// A model behind a gate, which counts how often it is asked.
final class ToyVictim: Victim {
  let model: FusionModel
  let regions: [AcceptedRegion]?
  let isBlind: Bool
  private let counter = Mutex(0)

  /// - Parameter isBlind: Whether its gradients are all 0.
  init(model: FusionModel, regions: [AcceptedRegion]? = nil, isBlind: Bool = false) {
    self.model = model
    self.regions = regions
    self.isBlind = isBlind
  }

  /// The number of times that it was asked to decide.
  var asked: Int { counter.withLock { $0 } }
  var classes: Int { model.classes }

  func decide(_ observation: Observation) -> [Decision] {
    counter.withLock { $0 += 1 }
    return model.decide(observation)
  }

  func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    var result = model.lossGradient(observation, labels: labels, seeds: seeds)
    if isBlind { result.gradient = Matrix(rows: result.gradient.rows, columns: result.gradient.columns) }
    return result
  }
}
