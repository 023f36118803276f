import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Architecture")
struct ArchitectureTests {
  private let mixed: [Architecture.Element] = [
    .init("0", DenseSpecification(outputs: 6, activation: .leakyReLU(slope: 0.8))),
    .init("norm", LayerNormalizationSpecification(epsilon: 1e-4)), .init("bend", ActivationSpecification(.tanh)),
    .init("flow", AffineCouplingSpecification(hidden: 3, keepsFirst: false)),
  ]

  @Test("JSON and back; a network is built from it with as many parameters as it says")
  func codable() throws {
    let architecture = try Architecture(inputWidth: 4, layers: mixed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(architecture)
    #expect(try JSONDecoder().decode(Architecture.self, from: json) == architecture)
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains(#"{"kind":"activation","name":"bend","settings":{"function":{"tanh":{}}}}"#))
    // 4·6 + 6 of the dense layer, 12 of the normalisation, 3·3 + 3 and 3·6 + 6 of the conditioner.
    #expect(architecture.parameterCount == 30 + 12 + 2 * (12 + 12 + 12))
    var generator = SeededGenerator(seed: 1)
    let network = try Network(architecture, using: &generator)
    #expect(network.parameters.reduce(0) { $0 + $1.count } == architecture.parameterCount)
    let names = network.namedParameters.map(\.name)
    #expect(names.first == "0.weight" && names.last == "flow.shift.output.bias" && Set(names).count == names.count)
    let tensors = Dictionary(uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.tensor) })
    let read = try Network(architecture) { name, shape in
      let tensor = try #require(tensors[name])
      #expect(tensor.shape == shape)
      return tensor.values
    }
    #expect(read == network)
  }

  @Test("a chain of dense layers gives the bits of the fast path, and trains to the same weights")
  func dense() throws {
    var generator = SeededGenerator(seed: 2)
    var dense = DenseNetwork(widths: [7, 9, 4], hidden: .leakyReLU(slope: 0.8), using: &generator)
    var network = Network(dense)
    var again = SeededGenerator(seed: 2)
    let architecture = try Architecture(widths: [7, 9, 4], hidden: .leakyReLU(slope: 0.8))
    #expect(network.architecture == architecture && network.dense == dense)
    #expect(try DenseNetwork(architecture, using: &again) == dense)
    let input = generator.normalMatrix(rows: 11, columns: 7)
    #expect(network.infer(input) == dense.infer(input))
    let weights = generator.normalMatrix(rows: 11, columns: 4)
    let (fast, general) = (
      dense.backward(dense.trace(input), outputGradient: weights),
      network.backward(network.trace(input), outputGradient: weights)
    )
    #expect(general.input == fast.input)
    #expect(network.pullback(network.trace(input), outputGradient: weights) == fast.input)
    var (first, second) = (Optimizer(.adam(), learningRate: 0.1), Optimizer(.adam(), learningRate: 0.1))
    dense.update(by: fast.parameters, with: &first)
    network.update(by: general.parameters, with: &second)
    #expect(network.dense == dense)
    #expect(try Network(Architecture(inputWidth: 4, layers: mixed), using: &generator).dense == nil)
  }

  @Test("bounds are errors that say the rule and the value, whatever the widths")
  func bounds() throws {
    for (widths, message) in [
      ([1 << 20, 1 << 20], "a network has at most 268435456 parameters, 1024 MiB (actual: 1099512676352 up to layer"),
      ([3, (1 << 20) + 1], "the output of layer \"0\" is 1 to 1048576 wide (actual: 1048577)"),
      ([3, 0, 2], "the output of layer \"0\" is 1 to 1048576 wide (actual: 0)"),
      ([-1, 2], "a network's input is 1 to 1048576 wide (actual: -1)"), ([5], "1 to 1024 layers (actual: 0)"),
      ([], "1 to 1024 layers (actual: 0)"), ([3] + [Int](repeating: 1, count: 1025), "1 to 1024 layers (actual: 1025)"),
    ] {
      let error = #expect(throws: ArchitectureError.self) { try Architecture(widths: widths, hidden: .relu) }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
    for (specification, message) in [
      (AffineCouplingSpecification(hidden: .max, keepsFirst: true), "1048576 wide (actual: 9223372036854775807)"),
      (AffineCouplingSpecification(hidden: 2, keepsFirst: true, scaleLimit: 9), "at most 8 (actual: 9.0)"),
      (LayerNormalizationSpecification(epsilon: 0), "epsilon is over 0 (actual: 0.0)"),
      (ActivationSpecification(.piecewiseLinear(.leakyReLU(slope: .nan))), "slope is finite (actual: nan)"),
    ] as [(any LayerSpecification, String)] {
      let error = #expect(throws: ArchitectureError.self) {
        try Architecture(inputWidth: 2, layers: [.init("a", specification)])
      }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
    for names in [["a", "a"], [""], ["a.b"], [String(repeating: "a", count: 65)]] {
      let error = #expect(throws: ArchitectureError.self) {
        try Architecture(inputWidth: 2, layers: names.map { .init($0, ActivationSpecification(.tanh)) })
      }
      #expect(error?.description.contains("a layer's name is 1 to 64") == true)
    }
    #expect(ParameterShape("w", [1 << 20, 1 << 20, 1 << 20, 1 << 20]).count == .max)
  }

  /// A kind that the module does not know.
  private struct Doubling: LayerSpecification {
    static let kind = "doubling"
    func outputWidth(inputWidth: Int) -> Int { inputWidth }
    func parameters(inputWidth: Int) -> [ParameterShape] { [] }
    func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] { [] }
    func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
      DenseLayer(
        weights: Matrix((0..<inputWidth).map { row in (0..<inputWidth).map { $0 == row ? 2 : 0 } }),
        bias: [Float](repeating: 0, count: inputWidth), activation: .identity)
    }
  }

  @Test("a kind from outside is decoded by whoever names it, and refused with the kinds that there are elsewhere")
  func kinds() throws {
    let architecture = try Architecture(inputWidth: 2, layers: [.init("twice", Doubling())])
    let json = try JSONEncoder().encode(architecture)
    let error = #expect(throws: ArchitectureError.self) { try JSONDecoder().decode(Architecture.self, from: json) }
    #expect(
      error?.description
        == "a layer's kind is one of activation, affine-coupling, batch-normalization, convolution, dense, dropout, "
        + "layer-normalization, pooling, transposed-convolution (actual: \"doubling\")"
    )
    let decoder = JSONDecoder()
    decoder.userInfo[.layerKinds] = LayerKinds.builtIn.adding([Doubling.self])
    #expect(try decoder.decode(Architecture.self, from: json) == architecture)
    let network = try Network(architecture) { _, _ in [] }
    #expect(network.infer(Matrix([[1, 2]])) == Matrix([[2, 4]]))
  }
}
