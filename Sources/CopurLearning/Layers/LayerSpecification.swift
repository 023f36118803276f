public import CopurNumerics

/// A kind of layer with its settings: what an ``Architecture`` lists, and what a file keeps of a layer besides numbers.
///
/// A new kind is a type that conforms to this, listed in ``LayerKinds/builtIn`` or handed to the decoder by whoever has it.
public protocol LayerSpecification: Hashable, Sendable, Codable {
  /// The name of the kind in files, such as `dense`.
  static var kind: String { get }

  /// The width of the output.
  ///
  /// - Parameter inputWidth: The width of an input, from 1.
  /// - Throws: ``ArchitectureError`` if a setting breaks its rule, or does not fit an input of this width.
  func outputWidth(inputWidth: Int) throws -> Int

  /// The layer's parameters; called after ``outputWidth(inputWidth:)`` has accepted the width.
  func parameters(inputWidth: Int) throws -> [ParameterShape]

  /// Values to start a training from, one array a parameter.
  func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) throws -> [[Float]]

  /// The layer with given values.
  ///
  /// - Parameter parameters: One array a parameter, each with as many values as its shape says.
  func layer(inputWidth: Int, parameters: [[Float]]) throws -> any Layer
}

/// The name and the extents of a layer's parameter.
public struct ParameterShape: Hashable, Sendable {
  /// The name within the layer, such as `weight`.
  public let name: String
  /// The extent of each dimension, outermost first; each at least 1.
  public let shape: [Int]

  /// - Parameter shape: The extent of each dimension, outermost first.
  public init(_ name: String, _ shape: [Int]) {
    self.name = name
    self.shape = shape
  }

  /// The number of values; `Int.max` where there are more than that.
  public var count: Int {
    shape.reduce(1) { product, extent in
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: extent)
      return isTooLarge ? .max : next
    }
  }
}

/// The kinds of layers that a decoder knows by name.
public struct LayerKinds: Sendable {
  private let kinds: [String: any LayerSpecification.Type]

  /// The kinds of this module.
  public static let builtIn = LayerKinds([
    DenseSpecification.self, ActivationSpecification.self, LayerNormalizationSpecification.self,
    AffineCouplingSpecification.self, DropoutSpecification.self, ConvolutionSpecification.self,
    TransposedConvolutionSpecification.self, BatchNormalizationSpecification.self, PoolingSpecification.self,
  ])

  /// - Parameter kinds: No two of one name, or the last one counts.
  public init(_ kinds: [any LayerSpecification.Type]) {
    self.kinds = Dictionary(kinds.map { ($0.kind, $0) }) { $1 }
  }

  /// These kinds and further ones.
  public func adding(_ further: [any LayerSpecification.Type]) -> LayerKinds {
    LayerKinds(Array(kinds.values) + further)
  }

  /// The kind of a name; nil if it is none of these.
  public subscript(name: String) -> (any LayerSpecification.Type)? { kinds[name] }

  /// The kinds' names, sorted.
  public var names: [String] { kinds.keys.sorted() }
}

extension CodingUserInfoKey {
  /// The place in a decoder's user info where an ``Architecture`` finds the ``LayerKinds`` that it knows; without it, those
  /// built in.
  public static let layerKinds = CodingUserInfoKey(rawValue: "copur.layer-kinds")!
}
