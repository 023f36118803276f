public import CopurCore
internal import CopurNumerics
public import CopurPurification

/// Certificates of CoPur's predictions on a manifold of one dimension: that compromised agents cannot change them, whatever
/// they send or withhold, in full knowledge of everything.
///
/// A prediction is certified if the fusion model gives its class on all of the codes to which the agents can move the
/// solution (``CopurPurification/ReachableCodes``, ``LineClassifier``). No probability is attached, nothing is assumed of the
/// data, and the solver's tolerance and the model's rounding are allowed for.
///
/// A prediction that the agents can prevent by silence, as fewer than the quorum would be left, is not certified; nor is
/// one for which no honest block that depends on the code is left.
public struct PredictionCertifier: Sendable {
  /// Whose predictions are certified.
  public let defense: CoPur
  /// How many agents have to have contributed for a verdict; at least 1.
  public let quorum: Int
  private let reachable: ReachableCodes
  private let classifier: LineClassifier

  /// - Parameters:
  ///   - defense: With a gate or without one, on a linear manifold of one dimension.
  ///   - quorum: At least 1.
  /// - Throws: ``CopurError`` of code `.configuration` if the manifold is another one.
  public init(_ defense: CoPur, quorum: Int = 1) throws {
    precondition(quorum >= 1)
    self.defense = defense
    self.quorum = quorum
    reachable = try ReachableCodes(defense.purifier)
    let decoder = defense.manifold.affineDecoder!
    classifier = LineClassifier(defense.model, offset: decoder.offset, direction: decoder.directions.values)
  }

  /// The predicted class of each sample; nil where too few agents contributed.
  public func predictions(_ observation: Observation) -> [Int?] {
    zip(0..., defense.decide(observation)).map { sample, decision in
      observation.observedCount(of: sample) >= quorum ? decision.label : nil
    }
  }

  /// Whether each prediction is certified.
  ///
  /// - Parameters:
  ///   - predictions: What ``predictions(_:)`` gives for the observation; nil is not certified.
  ///   - observation: What honest agents send.
  ///   - compromised: The agents that may send or withhold what they like; positions in the model's order.
  public func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    precondition(predictions.count == observation.samples)
    let intervals = reachable.intervals(of: observation, against: compromised)
    return predictions.enumerated().map { sample, prediction in
      guard let prediction, let reached = intervals[sample],
        leastContributors(of: observation, sample, compromised) >= quorum
      else { return false }
      return reached.allSatisfy { classifier.isConstant(prediction, on: $0) }
    }
  }

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

  /// How many agents contribute at least, if those compromised are silent.
  private func leastContributors(
    of observation: Observation, _ sample: Int, _ compromised: CompromisedAgents
  ) -> Int {
    switch compromised {
    case .these(let agents):
      (0..<observation.layout.count).count {
        observation.isObserved(block: $0, of: sample) && !agents.contains($0)
      }
    case .any(let count): max(0, observation.observedCount(of: sample) - count)
    }
  }
}
