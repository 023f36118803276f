public import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// Certificates of CoPur's predictions on a manifold of one dimension: that compromised agents cannot change them, whatever
/// they send or withhold, in full knowledge of everything.
///
/// A prediction is certified if the fusion model gives its class on all of the codes to which the agents can move the
/// solution (``CopurPurification/ReachableCodes``, ``LineClassifier``). No probability is attached, nothing is assumed of the
/// data, and the solver's tolerance and the model's rounding are allowed for.
///
/// A prediction that the agents can prevent by silence, as fewer than the quorum would be left, is not certified; nor is
/// one for which no honest block that depends on the code is left.
public struct CoPurCertifier: PredictionCertifier {
  /// The defence whose predictions are certified.
  public let defense: CoPur
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
    guard let affine = defense.manifold as? any AffineManifold else {
      preconditionFailure("codes are reachable on an affine manifold of one dimension only")
    }
    classifier = LineClassifier(defense.model, offset: affine.offset, direction: affine.directions.values)
  }

  public func predictions(_ observation: Observation) -> [Int?] {
    predicted(defense.decide(observation), of: observation)
  }

  public func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    precondition(predictions.count == observation.samples)
    let intervals = reachable.intervals(of: observation, against: compromised)
    return predictions.enumerated().map { sample, prediction in
      guard let prediction, let reached = intervals[sample], !reached.isEmpty,
        leastContributors(of: observation, sample, compromised) >= quorum
      else { return false }
      return reached.allSatisfy { classifier.isConstant(prediction, on: $0) }
    }
  }
}

extension CoPur: CertifiableDefense {
  public func toleranceCertifier(quorum: Int) throws -> any ToleranceCertifier {
    try CoPurCertifier(self, quorum: quorum)
  }
}
