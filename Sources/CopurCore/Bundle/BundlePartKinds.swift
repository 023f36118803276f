public import CopurLearning
internal import Synchronization

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

  private static let registered = Mutex<[any BundlePart.Type]>([])

  /// The kinds of this module, and those that a program of one's own has made known.
  public static var known: BundlePartKinds {
    let further = registered.withLock { $0 }
    return further.isEmpty ? builtIn : builtIn.adding(further)
  }

  /// Makes a kind known to whatever reads a bundle from then on, such as a manifold of one's own. A program does so before it
  /// reads any.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if there is one of that name.
  public static func register(_ kind: any BundlePart.Type) throws {
    try registered.withLock { registered in
      guard builtIn[kind.kind] == nil, !registered.contains(where: { $0.kind == kind.kind }) else {
        throw CopurError(.invalidArgument, "a part of kind \"\(kind.kind)\" is registered once (twice)")
      }
      registered.append(kind)
    }
  }

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
