/// The decisions that say how many agents they withstand (``Decision/certifiedAgents``).
public enum Certification: String, Hashable, Sendable, CaseIterable {
  /// Those whose certificates cost next to nothing (``ToleranceCertifier/isCheap``).
  case cheap
  /// All of which there are certificates.
  case always
  /// None.
  case never

  /// The certifier of a defence's decisions.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  /// - Returns: Nil if nobody wants its certificates, or there are none for its kind or its manifold.
  public func certifier(of defense: any Defense, quorum: Int) -> (any ToleranceCertifier)? {
    guard self != .never, let defense = defense as? any CertifiableDefense,
      // An error says that there is none for its manifold.
      let certifier = try? defense.toleranceCertifier(quorum: quorum), self == .always || certifier.isCheap
    else { return nil }
    return certifier
  }
}

extension ToleranceCertifier {
  /// Writes into decisions how many agents they withstand.
  ///
  /// - Parameters:
  ///   - decisions: What the defence decided, a sample each; nil where too few agents contributed.
  ///   - observation: What it decided them from.
  public func certify(_ decisions: inout [Decision?], of observation: Observation) {
    let tolerances = tolerances(decisions.map { $0?.label }, of: observation)
    precondition(tolerances.count == decisions.count, "a certifier speaks of every sample")
    for sample in decisions.indices { decisions[sample]?.certifiedAgents = tolerances[sample] }
  }
}
