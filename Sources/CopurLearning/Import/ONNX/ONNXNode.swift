extension ONNXGraph.Node {
  /// A number among the attributes.
  func float(_ key: String, _ otherwise: Float) throws -> Float {
    guard let attribute = attributes[key] else { return otherwise }
    guard case .float(let value) = attribute, value.isFinite else { throw ImportError("\(key) is a finite number") }
    return value
  }

  /// A whole number among the attributes.
  func integer(_ key: String, _ otherwise: Int) throws -> Int {
    guard let attribute = attributes[key] else { return otherwise }
    guard case .integer(let value) = attribute else { throw ImportError("\(key) is a whole number") }
    return value
  }

  /// Whole numbers among the attributes; none if they are left out.
  func integers(_ key: String) throws -> [Int] {
    guard let attribute = attributes[key] else { return [] }
    guard case .integers(let values) = attribute else { throw ImportError("\(key) are whole numbers") }
    return values
  }

  /// Refuses all but one value.
  func require(_ key: String, _ wanted: Int, otherwise: Int) throws {
    let value = try integer(key, otherwise)
    guard value == wanted else { throw ImportError("\(key) is \(wanted) (actual: \(value))") }
  }

  /// A number that is given for each direction, and is the same in all.
  func equal(_ key: String, _ count: Int, otherwise: Int) throws -> Int {
    let values = try integers(key)
    guard let first = values.first else { return otherwise }
    guard values.count == count, values.allSatisfy({ $0 == first }), (0...Architecture.widthLimit).contains(first)
    else {
      throw ImportError("\(key) are \(count) equal numbers from 0 to \(Architecture.widthLimit) (actual: \(values))")
    }
    return first
  }

  /// The reach of windows beyond each edge.
  ///
  /// - Throws: ``ImportError`` if windows have gaps, or reach beyond edges where that is not done.
  func window(padded: Bool) throws -> Int {
    guard try equal("dilations", 2, otherwise: 1) == 1 else {
      throw ImportError("dilations are 1 (actual: \(try integers("dilations")))")
    }
    if case .text(let padding)? = attributes["auto_pad"], padding != "NOTSET", padding != "VALID" {
      throw ImportError("auto_pad is NOTSET or VALID (actual: \"\(padding)\")")
    }
    let padding = try equal("pads", 4, otherwise: 0)
    guard padded || padding == 0 else { throw ImportError("pads of a pooling are 0 (actual: \(try integers("pads")))") }
    return padding
  }

  /// The value of a `Constant`.
  func constant() throws -> ONNXTensor {
    guard inputs.isEmpty, attributes.count == 1, let value = attributes.values.first else {
      throw ImportError("a constant has one value (actual: \(attributes.count))")
    }
    switch (attributes.keys.first, value) {
    case ("value", .tensor(let tensor)): return tensor
    case ("value_int", .integer(let value)): return .integers([value])
    case ("value_ints", .integers(let values)): return .integers(values)
    case ("value_float", .float(let value)): return .numbers(Safetensors.Tensor(shape: [], values: [value]))
    case ("value_floats", .floats(let values)): return .numbers(Safetensors.Tensor(values))
    default: throw ImportError("a constant is a tensor or numbers (actual: \(attributes.keys.sorted()))")
    }
  }
}
