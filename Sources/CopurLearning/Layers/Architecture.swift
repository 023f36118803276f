/// A network without its parameters: the width of an input, and named layers in their order.
///
/// It is what a file keeps, and what a ``Network`` is built from. Its bounds are checked when it is made, so that settings
/// from outside end as an error that says the rule, not for want of memory.
public struct Architecture: Hashable, Sendable {
  /// A layer's place in a network.
  public struct Element: Hashable, Sendable {
    /// The name within the network, 1 to 64 letters, digits, `-` or `_`.
    public let name: String
    /// The kind of layer, with its settings.
    public let specification: any LayerSpecification

    /// - Parameter name: 1 to 64 letters, digits, `-` or `_`.
    public init(_ name: String, _ specification: any LayerSpecification) {
      self.name = name
      self.specification = specification
    }

    public static func == (left: Element, right: Element) -> Bool {
      left.name == right.name && AnyHashable(left.specification) == AnyHashable(right.specification)
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(AnyHashable(specification))
    }
  }

  /// The widest input or output of a layer.
  public static let widthLimit = 1 << 20
  /// The most parameters of a network, 1 GiB of them.
  public static let parameterLimit = 1 << 28
  /// The most layers of a network.
  public static let layerLimit = 1 << 10

  /// The number of columns of an input.
  public let inputWidth: Int
  /// The layers, first to last; at least one.
  public let layers: [Element]
  /// The width of each layer's input, and of the last one's output.
  public let widths: [Int]
  /// The shape of each layer's parameters.
  public let parameters: [[ParameterShape]]

  /// - Parameters:
  ///   - inputWidth: How many columns an input has, from 1.
  ///   - layers: At least one, no two of one name.
  /// - Throws: ``ArchitectureError`` if a name, a setting, a width or the number of parameters breaks its rule.
  public init(inputWidth: Int, layers: [Element]) throws {
    guard (1...Self.layerLimit).contains(layers.count) else {
      throw ArchitectureError("a network has 1 to \(Self.layerLimit) layers (actual: \(layers.count))")
    }
    var widths = [try Self.checked(inputWidth, "a network's input")]
    var parameters: [[ParameterShape]] = []
    var names: Set<String> = []
    var total = 0
    for layer in layers {
      guard Self.isName(layer.name), names.insert(layer.name).inserted else {
        throw ArchitectureError(
          "a layer's name is 1 to 64 letters, digits, '-' or '_', no two the same (actual: \"\(layer.name)\")")
      }
      let width = widths[widths.count - 1]
      widths.append(
        try Self.checked(layer.specification.outputWidth(inputWidth: width), "the output of layer \"\(layer.name)\""))
      let shapes = try layer.specification.parameters(inputWidth: width)
      for shape in shapes {
        let (sum, isTooLarge) = total.addingReportingOverflow(shape.count)
        total = isTooLarge ? .max : sum
      }
      guard total <= Self.parameterLimit else {
        throw ArchitectureError(
          "a network has at most \(Self.parameterLimit) parameters, \(Self.parameterLimit >> 18) MiB "
            + "(actual: \(total == .max ? "over 2⁶³" : "\(total)") up to layer \"\(layer.name)\", "
            + "widths: \(widths.map(String.init).joined(separator: " → ")))")
      }
      parameters.append(shapes)
    }
    self.inputWidth = inputWidth
    self.layers = layers
    self.widths = widths
    self.parameters = parameters
  }

  /// Dense layers one after the other, named 0, 1, ….
  ///
  /// - Parameters:
  ///   - widths: Input width, hidden widths, output width.
  ///   - hidden: The activation after each layer but the last, which has none.
  /// - Throws: ``ArchitectureError`` if a width or the number of parameters breaks its rule.
  public init(widths: [Int], hidden: Activation) throws {
    try self.init(
      inputWidth: widths.first ?? 0,
      layers: widths.dropFirst().enumerated().map { index, width in
        Element(
          "\(index)",
          DenseSpecification(outputs: width, activation: index == widths.count - 2 ? .identity : hidden))
      })
  }

  /// The number of columns of an output.
  public var outputWidth: Int { widths[widths.count - 1] }

  /// The number of values of all parameters, at most ``parameterLimit``.
  public var parameterCount: Int { parameters.joined().reduce(0) { $0 + $1.count } }

  private static func checked(_ width: Int, _ what: String) throws -> Int {
    guard (1...widthLimit).contains(width) else {
      throw ArchitectureError("\(what) is 1 to \(widthLimit) wide (actual: \(width))")
    }
    return width
  }

  private static func isName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

/// A network that cannot be: the rule, and the value that breaks it.
public struct ArchitectureError: Error, Hashable, CustomStringConvertible {
  /// The rule and the value that broke it.
  public let description: String

  /// - Parameter description: The rule and the value that broke it.
  public init(_ description: String) { self.description = description }
}
