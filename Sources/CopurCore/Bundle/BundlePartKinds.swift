public import CopurLearning

/// The kinds of parts that a reader of bundles knows by name.
public struct BundlePartKinds: Sendable {
  private let kinds: [String: any BundlePart.Type]
  /// The kinds of layers that networks in parts may have.
  public let layers: LayerKinds

  /// The kinds of this module.
  public static let builtIn = BundlePartKinds([
    NetworkExtractor.self, VoterExtractor.self, GivenExtractor.self, AbsentExtractor.self, LinearManifold.self,
    AutoencoderManifold.self, NetworkManifold.self, FusionModel.self, FurtherModel.self, Calibration.self,
  ])

  /// - Parameters:
  ///   - kinds: No two of one name, or the last one counts.
  ///   - layers: The kinds of layers that networks in parts may have.
  public init(_ kinds: [any BundlePart.Type], layers: LayerKinds = .builtIn) {
    self.kinds = Dictionary(kinds.map { ($0.kind, $0) }) { $1 }
    self.layers = layers
  }

  /// These kinds and further ones.
  public func adding(_ further: [any BundlePart.Type], layers: [any LayerSpecification.Type] = []) -> BundlePartKinds {
    BundlePartKinds(Array(kinds.values) + further, layers: self.layers.adding(layers))
  }

  /// The kind of a name; nil if it is none of these.
  public subscript(name: String) -> (any BundlePart.Type)? { kinds[name] }

  /// The kinds' names, sorted.
  public var names: [String] { kinds.keys.sorted() }
}
