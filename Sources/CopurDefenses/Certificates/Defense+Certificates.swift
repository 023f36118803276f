public import CopurCore

extension Defense {
  /// What certifies the predictions of this defence.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  /// - Returns: Nil if there are no certificates for defences of its kind.
  /// - Throws: ``CopurError`` of code `.configuration` if there are none for its manifold.
  public func certifier(quorum: Int) throws -> (any PredictionCertifier)? {
    switch self {
    case let defense as CoPur: try CoPurCertifier(defense, quorum: quorum)
    case let defense as RandomizedAblation: AblationCertifier(defense, quorum: quorum)
    case let defense as AgentVote: VoteCertifier(defense, quorum: quorum)
    case let defense as DoubleMasking: defense.predictionCertifier(quorum: quorum)
    default: nil
    }
  }
}
