internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// The JSON of an answer, and the values that go behind it.
struct InferenceAnswer: Encodable {
  let response: InferenceResponse
  /// Whether an output's values go behind the JSON.
  let isBinary: (String) -> Bool

  enum CodingKeys: String, CodingKey {
    case modelName = "model_name"
    case modelVersion = "model_version"
    case id, parameters, outputs
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(response.modelName, forKey: .modelName)
    try container.encode(response.modelVersion, forKey: .modelVersion)
    try container.encode(response.id, forKey: .id)
    try container.encode(
      Dictionary(uniqueKeysWithValues: response.parameters.map { ($0.name, $0.value) }), forKey: .parameters)
    try container.encode(
      response.outputs.map { Output(tensor: $0, isBinary: isBinary($0.name)) }, forKey: .outputs)
  }

  private struct Output: Encodable {
    let tensor: Tensor
    let isBinary: Bool

    enum CodingKeys: CodingKey { case name, shape, datatype, data, parameters }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(tensor.name, forKey: .name)
      try container.encode(tensor.shape, forKey: .shape)
      try container.encode(tensor.values.datatype.rawValue, forKey: .datatype)
      if isBinary {
        return try container.encode(["binary_data_size": tensor.values.bytes.count], forKey: .parameters)
      }
      switch tensor.values {
      case .bool(let values): try container.encode(values, forKey: .data)
      case .int32(let values): try container.encode(values, forKey: .data)
      case .int64(let values): try container.encode(values, forKey: .data)
      case .texts(let values): try container.encode(values, forKey: .data)
      // JSON has no NaN.
      case .fp32(let values): try container.encode(values.map { $0.isFinite ? $0 : nil }, forKey: .data)
      }
    }
  }

  /// The answer to an HTTP request.
  func httpResponse() throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(self)
    var body = ByteBuffer(bytes: json)
    let binary = response.outputs.filter { isBinary($0.name) }
    guard !binary.isEmpty else {
      return Response(
        status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
    for output in binary { body.writeBytes(output.values.bytes) }
    return Response(
      status: .ok,
      headers: [.contentType: "application/octet-stream", .inferenceHeaderContentLength: "\(json.count)"],
      body: ResponseBody(byteBuffer: body))
  }
}

extension HTTPField.Name {
  /// The length of the JSON in front of binary values.
  static let inferenceHeaderContentLength = Self("Inference-Header-Content-Length")!
}
