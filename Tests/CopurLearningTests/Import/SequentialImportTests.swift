import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Import of a sequence of layers from safetensors")
struct SequentialImportTests {
  private static let picture = SequentialImport(
    input: .image(ImageShape(rows: 10, columns: 8, channels: 2)),
    layers: [
      .convolution(stride: 2, padding: 1), .batchNormalization(epsilon: 1e-5),
      .activation(.piecewiseLinear(.leakyReLU(slope: 0.2))), .pooling(.maximum, size: 2, stride: 2), .flatten,
      .batchNormalization(epsilon: 1e-5), .linear, .activation(.logistic), .identity, .linear,
      .activation(.piecewiseLinear(.relu)), .linear, .activation(.tanh), .linear,
    ].enumerated().map { .init($0.element, name: "\($0.offset)") })

  @Test("A network gives what it gave in PyTorch")
  func same() throws {
    let network = try Self.picture.network(Safetensors(importing: ImportFixture.data("picture.safetensors")))
    #expect(try ImportFixture.difference(network, examples: "examples.safetensors") < ImportFixture.tolerance)
  }

  @Test("Numbers of 16 bits are taken for what they are")
  func halves() throws {
    let halves = try Safetensors(importing: ImportFixture.data("halves.safetensors"))
    let floats = try Safetensors(importing: ImportFixture.data("picture.safetensors"))
    #expect(halves.tensors.keys == floats.tensors.keys)
    for (name, tensor) in halves.tensors {
      for (half, float) in zip(tensor.values, floats.tensors[name]?.values ?? []) {
        #expect(abs(half - float) <= abs(float) * 0x1p-11 + 0x1p-25)
      }
    }
    let network = try Self.picture.network(halves)
    #expect(try ImportFixture.difference(network, examples: "examples.safetensors") < 0.01)
  }

  @Test("What does not fit is refused with the rule")
  func refused() throws {
    func expect(
      _ rule: String, _ layers: [SequentialImport.Kind], _ shapes: [String: [Int]], input: ImportedInput? = nil
    ) {
      let tensors = shapes.mapValues { shape in
        Safetensors.Tensor(shape: shape, values: [Float](repeating: 0.5, count: shape.reduce(1, *)))
      }
      let sequence = SequentialImport(
        input: input, layers: layers.enumerated().map { .init($0.element, name: "\($0.offset)") }, prefix: "m")
      let error = #expect(throws: ImportError.self) { try sequence.network(Safetensors(tensors: tensors)) }
      #expect(error?.description.contains(rule) == true, "\(error as Any)")
    }
    let picture = ImportedInput.image(ImageShape(rows: 4, columns: 4, channels: 1))
    expect("has an array \"m.0.weight\"", [.linear], [:])
    expect("[outputs, 2]", [.linear, .linear], ["m.0.weight": [2, 3], "m.1.weight": [1, 3]])
    expect("\"m.0.bias\" has the shape [2]", [.linear], ["m.0.weight": [2, 3], "m.0.bias": [3]])
    expect("\"m.1.weight\" to none", [.linear], ["m.0.weight": [2, 3], "m.1.weight": [1, 2]])
    expect("states its `input`", [.activation(.tanh)], [:])
    expect(
      "[channels, 1, kernel, kernel]", [.convolution(stride: 1, padding: 0)], ["m.0.weight": [2, 1, 3, 2]],
      input: picture)
    expect(
      "no larger than the image", [.convolution(stride: 1, padding: 0)], ["m.0.weight": [2, 1, 5, 5]], input: picture)
    expect("ends with a row", [.convolution(stride: 1, padding: 0)], ["m.0.weight": [2, 1, 3, 3]], input: picture)
    expect(
      "ends with a row", [.convolution(stride: 1, padding: 0), .flatten], ["m.0.weight": [2, 1, 3, 3]], input: picture)
    expect("no flatten before it", [.linear], ["m.0.weight": [2, 16]], input: picture)
    expect("takes a picture", [.pooling(.mean, size: 2, stride: 2)], [:], input: .row(4))
    expect("no larger than the image", [.pooling(.mean, size: 5, stride: 2)], [:], input: picture)
    expect(
      "1 to 1048576 values", [.flatten], [:],
      input: .image(ImageShape(rows: 1 << 20, columns: 1 << 20, channels: 1 << 20)))
    expect("1 to 1048576 wide", [.linear], ["m.0.weight": [(1 << 20) + 1, 1]])
  }

  @Test("Arrays that share a name, overlap or leave gaps are refused")
  func headers() {
    for (header, body, rule) in [
      (
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        4,
        "names that differ"
      ),
      (
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        8,
        "one after the other"
      ),
      (
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
        12,
        "one after the other"
      ),
      (#"{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8, "arrays of type"),
      (#"{"x":{"dtype":"F16","shape":[9223372036854775807,2],"data_offsets":[0,8]}}"#, 8, "does not fit"),
      (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "one after the other"),
    ] {
      let bytes =
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(count: body)
      let error = #expect(throws: Safetensors.FormatError.self) { try Safetensors(importing: bytes) }
      #expect(error?.description.contains(rule) == true, "\(error as Any)")
    }
  }
}
