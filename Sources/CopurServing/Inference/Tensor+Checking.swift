extension Tensor {
  /// The number of values of a shape.
  ///
  /// - Throws: ``InferenceError`` that names the input if a size is negative or there are over 2³¹ values.
  static func count(_ name: String, shape: [Int]) throws(InferenceError) -> Int {
    var count = 1
    for size in shape {
      guard size >= 0 else { throw refused(name, "a size in a shape is at least 0 (actual: \(shape))") }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= 1 << 31 else { throw refused(name, "a tensor is not that large (shape: \(shape))") }
      count = product
    }
    return count
  }

  /// A datatype that the model's inputs may have.
  static func datatype(_ name: String, _ text: String) throws(InferenceError) -> Datatype {
    guard let datatype = Datatype(rawValue: text), datatype != .bytes else {
      throw refused(name, "the datatype is FP32 or BOOL (actual: \(String(text.prefix(64)).debugDescription))")
    }
    return datatype
  }

  /// A tensor of its values' bytes.
  init(
    _ name: String, datatype: Datatype, shape: [Int], bytes: UnsafeRawBufferPointer
  ) throws(InferenceError) {
    let expected = try Self.count(name, shape: shape) * (datatype.width ?? 0)
    guard bytes.count == expected else {
      throw Self.refused(
        name, "the shape \(shape) of \(datatype.rawValue) takes \(expected) bytes (actual: \(bytes.count))")
    }
    guard let values = TensorValues(datatype, bytes: bytes) else {
      throw Self.refused(name, "a BOOL is a byte of 0 or 1")
    }
    self.init(name: name, shape: shape, values: values)
  }

  /// A tensor of its values.
  init(_ name: String, shape: [Int], checking values: TensorValues) throws(InferenceError) {
    let expected = try Self.count(name, shape: shape)
    guard values.count == expected else {
      throw Self.refused(name, "the shape \(shape) has \(expected) values (actual: \(values.count))")
    }
    self.init(name: name, shape: shape, values: values)
  }

  static func refused(_ name: String, _ rule: String) -> InferenceError {
    InferenceError(.invalidArgument, "input \(String(name.prefix(64)).debugDescription): \(rule)")
  }
}
