internal import CopurCore

/// A detector with a name of its own in results.
public struct DetectorSpec: Sendable {
  /// The name in results: the kind, unless one is given.
  public var name: String
  /// The detector.
  public var detector: any Detector

  /// - Parameter name: The name in results; nil for the kind.
  public init(_ detector: any Detector, name: String? = nil) {
    self.detector = detector
    self.name = name ?? detector.kind
  }
}
