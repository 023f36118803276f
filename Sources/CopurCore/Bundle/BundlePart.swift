/// A part of a ``ModelBundle``: an agent's extractor, the manifold, a fusion model, a calibration. It reads and writes itself.
///
/// A part's numbers are arrays in the weights file, its settings an object in the manifest, both under the part's name. A new
/// kind of part is a type that conforms to this, listed in ``BundlePartKinds/builtIn``, registered, or handed over by whoever reads the
/// bundle.
public protocol BundlePart: Sendable {
  /// The name of the kind in manifests, such as `network-extractor`.
  static var kind: String { get }

  /// A part from what ``write(to:)`` wrote.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` that names the array or the setting that breaks its rule.
  init(from reader: PartReader) throws

  /// Writes everything that ``init(from:)`` needs.
  ///
  /// - Throws: What encoding a setting throws.
  func write(to writer: inout PartWriter) throws
}

/// A part under its name in a bundle.
public struct NamedPart: Sendable {
  /// 1 to 128 letters, digits, `.`, `-` or `_`; ``BundlePartName`` has those that a bundle needs.
  public let name: String
  /// The part.
  public let part: any BundlePart

  /// - Parameter name: 1 to 128 letters, digits, `.`, `-` or `_`.
  public init(_ name: String, _ part: any BundlePart) {
    self.name = name
    self.part = part
  }

  /// Whether a name is one that a part may have.
  static func isName(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}

/// The names of the parts that a bundle's users ask for.
public enum BundlePartName {
  /// The extractor of an agent.
  public static func extractor(_ agent: AgentID) -> String { "extractor.\(agent.name)" }
  /// The voters at the fusion center that read an agent's embeddings.
  public static func voter(_ agent: AgentID) -> String { "voter.\(agent.name)" }
  /// The manifold of clean embeddings.
  public static let manifold = "manifold"
  /// The fusion model that was trained with the extractors, on h.
  public static let joint = "fusion.joint"
  /// The fusion model that was trained on D(E(h)).
  public static let purified = "fusion.purified"
  /// Fusion models that only some defences use, counted from 0.
  public static func further(_ index: Int) -> String { "fusion.further.\(index)" }
  /// Limits on blocks that clean agents send and residuals that they leave, for gate and suspects.
  public static let calibration = "calibration"
}
