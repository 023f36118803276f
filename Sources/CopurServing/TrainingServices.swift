public import CopurJointTraining

/// A training over the network, for those who watch it over HTTP.
public struct TrainingServices: Sendable {
  let center: TrainingCenter
  let accessRefusals: @Sendable () -> [(reason: String, count: Int)]

  /// - Parameter accessRefusals: How many calls were refused for each reason, by role or for want of an identity.
  public init(
    center: TrainingCenter, accessRefusals: @escaping @Sendable () -> [(reason: String, count: Int)] = { [] }
  ) {
    self.center = center
    self.accessRefusals = accessRefusals
  }
}

extension TrainingCenterStatus {
  /// Whether the training goes on: it waits for nobody, and has not failed.
  var isReady: Bool {
    switch phase {
    case .training, .finished: true
    case .waiting, .failed: false
    }
  }
}
