import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Import from ONNX")
struct ONNXImportTests {
  private func network(_ data: Data) throws -> ImportedNetwork {
    try ONNXImport.network(data) { try ImportFixture.data($0) }
  }

  @Test(
    "Networks of both of PyTorch's exporters give what they gave there",
    arguments: [
      ("picture.onnx", "examples.safetensors"), ("traced.onnx", "examples.safetensors"),
      ("pool.onnx", "pool-examples.safetensors"),
    ])
  func exported(file: String, examples: String) throws {
    let network = try network(try ImportFixture.data(file))
    #expect(try ImportFixture.difference(network, examples: examples) < ImportFixture.tolerance)
    // A rectified linear unit is a part of the layer before it, where solvers look for it.
    if file != "pool.onnx" {
      let dense = network.network.layers.compactMap { $0 as? DenseLayer }
      #expect(dense.map(\.activation) == [.identity, .relu, .identity, .identity])
    }
  }

  @Test("No prefix of a file and no changed byte of it traps")
  func damaged() throws {
    for file in ["traced.onnx", "pool.onnx"] {
      let data = try ImportFixture.data(file)
      for count in 0..<data.count { _ = try? network(data.prefix(count)) }
      for index in data.indices {
        for bits: UInt8 in [0xFF, 0x80, 0x01] {
          var changed = data
          changed[index] ^= bits
          _ = try? network(changed)
        }
      }
    }
    #expect(throws: ImportError.self) { try network(Data()) }
    #expect(throws: ImportError.self) { try network(try ImportFixture.data("traced.onnx").dropLast()) }
  }

  /// A row of 2 numbers through one node with weights.
  private func model(
    _ node: Wire, weights: [Wire], input: [Int] = [1, 2], version: Int = 17, more: Wire = Wire()
  ) -> Data {
    let shape = Wire(input.map { .message(1, Wire([.number(1, $0)])) })
    let type = Wire([.message(1, Wire([.number(1, 1), .message(2, shape)]))])
    var graph = Wire([.message(1, node)] + weights.map { .message(5, $0) })
    graph.fields += [.message(11, Wire([.text(1, "x"), .message(2, type)])), .message(12, Wire([.text(1, "y")]))]
    graph.fields += more.fields
    return Wire([.message(8, Wire([.number(2, version)])), .message(7, graph)]).data
  }

  private func node(_ kind: String, _ inputs: [String], _ attributes: [Wire] = [], output: String = "y") -> Wire {
    Wire(inputs.map { .text(1, $0) } + [.text(2, output), .text(4, kind)] + attributes.map { .message(5, $0) })
  }

  private func weights(_ name: String, _ shape: [Int], _ values: [Float], type: Int = 1) -> Wire {
    let raw = values.reduce(into: Data()) { data, value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
    return Wire(shape.map { .number(1, $0) } + [.number(2, type), .text(8, name), .bytes(9, raw)])
  }

  @Test("A product, a sum and a scale before them are a dense layer behind standardised features")
  func arithmetic() throws {
    var graph = Wire()
    graph.fields = [
      .message(1, node("Div", ["c", "deviation"], output: "d")), .message(1, node("MatMul", ["d", "w"], output: "e")),
      .message(1, node("Add", ["b", "e"], output: "y")), .message(5, weights("deviation", [1], [2])),
      .message(5, weights("w", [2, 1], [3, 5])), .message(5, weights("b", [1], [7])),
    ]
    let data = model(
      node("Sub", ["x", "mean"], output: "c"), weights: [weights("mean", [2], [1, 2])], more: graph)
    let network = try network(data)
    #expect(network.means == [1, 2] && network.standardDeviations == [2, 2])
    #expect(network.infer(Matrix(rows: 1, columns: 2, values: [5, 8])).values == [28])
  }

  @Test("What is not taken is refused with the rule")
  func refused() throws {
    let fine = weights("w", [2, 1], [1, 1])
    func expect(_ rule: String, _ data: Data, _ place: SourceLocation = #_sourceLocation) throws {
      let error = #expect(throws: ImportError.self, sourceLocation: place) { try network(data) }
      #expect(error?.description.contains(rule) == true, "\(error as Any)", sourceLocation: place)
    }
    let product = node("MatMul", ["x", "w"])
    _ = try network(model(product, weights: [fine]))
    try expect("an operator is one of", model(node("Gelu", ["x"]), weights: []))
    try expect("actual: \"com.microsoft.", model(Wire(product.fields + [.text(7, "com.microsoft")]), weights: [fine]))
    try expect("at least 7", model(product, weights: [fine], version: 6))
    try expect("a tensor's type is", model(product, weights: [weights("w", [2, 1], [1, 1], type: 9)]))
    try expect("has the shape [2, outputs]", model(product, weights: [weights("w", [3, 1], [1, 1, 1])]))
    try expect("has 2 numbers", model(product, weights: [weights("w", [2, 1], [1])]))
    try expect("finite", model(product, weights: [weights("w", [2, 1], [.nan, 1])]))
    try expect("at most 268435456", model(product, weights: [weights("w", [1 << 40, 1 << 40], [1])]))
    try expect("at least 0", model(product, weights: [weights("w", [-2, -1], [1, 1])]))
    try expect("a name of their own (twice: \"w\")", model(product, weights: [fine, fine]))
    try expect("1 to 1048576 values", model(product, weights: [fine], input: [1, 1 << 21]))
    try expect("of known extents", model(product, weights: [fine], input: [1, 0]))
    try expect("of known extents", model(product, weights: [fine], input: [1, 2, 3]))
    try expect("a chain", model(product, weights: []))
    try expect("a chain", model(node("MatMul", ["x", "x"]), weights: []))
    try expect("to its output", model(node("MatMul", ["x", "w"], output: "z"), weights: [fine]))
    try expect("takes a picture", model(node("GlobalAveragePool", ["x"]), weights: []))
    try expect(
      "transA is 0",
      model(node("Gemm", ["x", "w"], [Wire([.text(1, "transA"), .number(3, 1), .number(20, 2)])]), weights: [fine]))
    try expect("over 0", model(node("Div", ["x", "w"]), weights: [weights("w", [2], [1, 0])]))
    // What lies beside a model lies beside it, and within the file.
    func external(_ place: [(String, String)]) -> Wire {
      let entries = place.map { Wire.Field.message(13, Wire([.text(1, $0.0), .text(2, $0.1)])) }
      return Wire([.number(1, 2), .number(1, 1), .number(2, 1), .text(8, "w"), .number(14, 1)] + entries)
    }
    for name in ["../make.py", "/etc/passwd", "..", ""] {
      try expect("in a file in its folder", model(product, weights: [external([("location", name)])]))
    }
    for (offset, length) in [
      ("-1", "8"), ("0", "99999999"), ("99999999", "8"), ("9223372036854775807", "8"), ("x", "8"),
    ] {
      let place = [("location", "picture.onnx.data"), ("offset", offset), ("length", length)]
      try expect("lies within the", model(product, weights: [external(place)]))
    }
    _ = try network(
      model(product, weights: [external([("location", "picture.onnx.data"), ("offset", "0"), ("length", "8")])]))
  }

  @Test("The same bytes named ever so often take no more room than a network has")
  func amplified() throws {
    let big = Data(count: 1 << 24)
    let weights = (0..<100).map { index in
      Wire([
        .number(1, 1 << 22), .number(2, 1), .text(8, "w\(index)"), .number(14, 1),
        .message(13, Wire([.text(1, "location"), .text(2, "big")])),
      ])
    }
    let error = #expect(throws: ImportError.self) {
      try ONNXImport.network(model(node("MatMul", ["x", "w0"]), weights: weights)) { _ in big }
    }
    #expect(error?.description.contains("a model has at most") == true, "\(error as Any)")
  }
}

/// A message of Protocol Buffers, written by hand.
private struct Wire {
  indirect enum Field {
    case number(Int, Int)
    case bytes(Int, Data)
    case text(Int, String)
    case message(Int, Wire)
  }

  var fields: [Field]

  init(_ fields: [Field] = []) { self.fields = fields }

  var data: Data {
    fields.reduce(into: Data()) { data, field in
      switch field {
      case .number(let number, let value):
        data += Self.varint(UInt64(number) << 3) + Self.varint(UInt64(bitPattern: Int64(value)))
      case .bytes(let number, let bytes):
        data += Self.varint(UInt64(number) << 3 | 2) + Self.varint(UInt64(bytes.count)) + bytes
      case .text(let number, let text): data += Wire([.bytes(number, Data(text.utf8))]).data
      case .message(let number, let message): data += Wire([.bytes(number, message.data)]).data
      }
    }
  }

  private static func varint(_ value: UInt64) -> Data {
    var (value, data) = (value, Data())
    while value >= 0x80 {
      data.append(UInt8(value & 0x7F | 0x80))
      value >>= 7
    }
    data.append(UInt8(value))
    return data
  }
}
