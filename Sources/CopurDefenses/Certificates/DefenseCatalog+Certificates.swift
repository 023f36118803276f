public import CopurCore

extension DefenseCatalog {
  /// What certifies the predictions of a defence.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  /// - Returns: Nil if there are no certificates for defences of its kind.
  /// - Throws: ``CopurError`` of code `.configuration` if there are none for its manifold.
  public static func certifier(of defense: any Defense, quorum: Int) throws -> (any PredictionCertifier)? {
    switch defense {
    case let defense as CoPur: try CoPurCertifier(defense, quorum: quorum)
    case let defense as RandomizedAblation: AblationCertifier(defense, quorum: quorum)
    default: nil
    }
  }
}
