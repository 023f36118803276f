internal import Foundation
internal import Hummingbird

/// The body of a request for inference: JSON, and with the binary extension the inputs' values behind it.
struct InferenceBody {
  let json: InferenceJSON
  let inputs: [Tensor]

  /// - Parameter jsonLength: What `Inference-Header-Content-Length` says; nil without it: the body is JSON.
  /// - Throws: ``InferenceError`` that names the field.
  init(_ body: ByteBuffer, jsonLength: Int?) throws(InferenceError) {
    let length = jsonLength ?? body.readableBytes
    guard (0...body.readableBytes).contains(length) else {
      throw InferenceError(
        .invalidArgument,
        "Inference-Header-Content-Length: 0 to the body's length, \(body.readableBytes) (actual: \(length))")
    }
    json = try Self.decoded(Data(body.readableBytesView.prefix(length)))
    var blobs = Array(body.readableBytesView.dropFirst(length))[...]
    var inputs: [Tensor] = []
    for input in json.inputs { inputs.append(try Self.tensor(input, taking: &blobs)) }
    guard blobs.isEmpty else {
      throw InferenceError(
        .invalidArgument, "body: behind the JSON come the inputs' binary_data_size bytes (left over: \(blobs.count))")
    }
    self.inputs = inputs
  }

  private static func decoded(_ data: Data) throws(InferenceError) -> InferenceJSON {
    do {
      return try JSONDecoder().decode(InferenceJSON.self, from: data)
    } catch let error as DecodingError {
      throw InferenceError(.invalidArgument, error.fieldAndRule)
    } catch {
      throw InferenceError(.invalidArgument, "body: not JSON")
    }
  }

  private static func tensor(
    _ input: InferenceJSON.Input, taking blobs: inout ArraySlice<UInt8>
  ) throws(InferenceError) -> Tensor {
    let datatype = try Tensor.datatype(input.name, input.datatype)
    switch (input.data, input.parameters?.binaryDataSize) {
    case (let data?, nil):
      return try tensor(input, of: data)
    case (nil, let size?):
      guard (0...blobs.count).contains(size) else {
        throw Tensor.refused(
          input.name, "binary_data_size: 0 to what is left behind the JSON, \(blobs.count) (actual: \(size))")
      }
      let blob = Array(blobs.prefix(size))
      blobs = blobs.dropFirst(size)
      let result = blob.withUnsafeBytes { bytes in
        Result { () throws(InferenceError) in
          try Tensor(input.name, datatype: datatype, shape: input.shape, bytes: bytes)
        }
      }
      return try result.get()
    case (nil, nil), (_?, _?):
      throw Tensor.refused(input.name, "either data or parameters.binary_data_size")
    }
  }

  private static func tensor(
    _ input: InferenceJSON.Input, of data: InferenceJSON.Input.Values
  ) throws(InferenceError) -> Tensor {
    switch data {
    case .flat(let values):
      return try Tensor(input.name, shape: input.shape, checking: values)
    case .rows(let values, let lengths):
      guard input.shape.count == 2, lengths.count == input.shape[0], lengths.allSatisfy({ $0 == input.shape[1] }) else {
        throw Tensor.refused(
          input.name,
          "nested data has the rows that the shape says (shape: \(input.shape), rows: \(lengths.count), "
            + "of lengths \(Set(lengths).sorted().prefix(4)))")
      }
      return try Tensor(input.name, shape: input.shape, checking: values)
    }
  }
}

extension DecodingError {
  /// The field of a JSON body that is wrong, and what it should be.
  var fieldAndRule: String {
    let (context, key): (Context, (any CodingKey)?) =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, nil)
      case .keyNotFound(let key, let context): (context, key)
      @unknown default: (Context(codingPath: [], debugDescription: "\(self)"), nil)
      }
    let path = (context.codingPath + [key].compactMap { $0 }).reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
    return "\(path.isEmpty ? "body" : String(path.prefix(256))): \(key == nil ? context.debugDescription : "is needed")"
  }
}
