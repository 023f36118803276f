public import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// Certificates of a defence's predictions: that compromised agents cannot change them, whatever they send or withhold, in
/// full knowledge of everything.
public protocol PredictionCertifier: ToleranceCertifier {
  /// The number of agents that have to have contributed for a verdict; at least 1.
  var quorum: Int { get }

  /// The predicted class of each sample; nil where too few agents contributed.
  func predictions(_ observation: Observation) -> [Int?]

  /// Whether each prediction is certified.
  ///
  /// - Parameters:
  ///   - predictions: What ``predictions(_:)`` gives for the observation; nil is not certified.
  ///   - observation: What honest agents send.
  ///   - compromised: The agents that may send or withhold what they like; positions in the model's order.
  func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool]
}

extension PredictionCertifier {
  /// The largest q, from 0 to M, for which each prediction is certified against any q agents; nil where rounding alone
  /// could change it, or there is none.
  ///
  /// - Parameters:
  ///   - predictions: What ``predictions(_:)`` gives for the observation.
  ///   - observation: What honest agents send.
  public func tolerances(_ predictions: [Int?], of observation: Observation) -> [Int?] {
    var tolerances = [Int?](repeating: nil, count: predictions.count)
    var open = Array(predictions.indices)
    for count in 0...observation.layout.count where !open.isEmpty {
      let certified = certifies(
        open.map { predictions[$0] }, of: observation.selecting(open), against: .any(count))
      open = zip(open, certified).filter(\.1).map(\.0)
      for sample in open { tolerances[sample] = count }
    }
    return tolerances
  }

  /// The classes of decisions, where enough agents contributed.
  func predicted(_ decisions: [Decision], of observation: Observation) -> [Int?] {
    decisions.enumerated().map { sample, decision in
      observation.observedCount(of: sample) >= quorum ? decision.label : nil
    }
  }

  /// The least number of agents that contribute if those compromised are silent.
  func leastContributors(of observation: Observation, _ sample: Int, _ compromised: CompromisedAgents) -> Int {
    switch compromised {
    case .these(let agents):
      (0..<observation.layout.count).count {
        observation.isObserved(block: $0, of: sample) && !agents.contains($0)
      }
    case .any(let count): max(0, observation.observedCount(of: sample) - count)
    }
  }
}
