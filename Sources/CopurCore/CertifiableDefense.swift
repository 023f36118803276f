/// A defence of whose predictions there are certificates.
public protocol CertifiableDefense: Defense {
  /// The certifier of its predictions.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  /// - Throws: ``CopurError`` of code `.configuration` if there are no certificates for its manifold.
  func toleranceCertifier(quorum: Int) throws -> any ToleranceCertifier
}

/// A certifier of how many compromised agents a prediction withstands.
public protocol ToleranceCertifier: Sendable {
  /// Whether a sample costs a few microseconds at most, so that every verdict may have its certificate unasked; false
  /// unless a certifier says otherwise.
  var isCheap: Bool { get }

  /// The largest q, from 0 to M, for which each prediction is certified against any q agents; nil where rounding alone
  /// could change it, or there is none.
  ///
  /// - Parameters:
  ///   - predictions: The predicted class of each sample; nil where too few agents contributed.
  ///   - observation: The embeddings that honest agents send; one that is missing may be among the q.
  func tolerances(_ predictions: [Int?], of observation: Observation) -> [Int?]
}

extension ToleranceCertifier {
  public var isCheap: Bool { false }
}
