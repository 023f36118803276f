public import CopurCore

extension Defense {
  /// The certifier of this defence's predictions.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  /// - Returns: Nil if there are no certificates for defences of its kind.
  /// - Throws: ``CopurError`` of code `.configuration` if there are none for its manifold.
  public func certifier(quorum: Int) throws -> (any PredictionCertifier)? {
    try (self as? any CertifiableDefense)?.toleranceCertifier(quorum: quorum) as? any PredictionCertifier
  }
}
