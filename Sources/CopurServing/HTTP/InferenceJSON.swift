/// The JSON of a request for inference.
struct InferenceJSON: Decodable {
  struct Parameters: Decodable {
    var defense: String?
    var binaryDataOutput: Bool?

    enum CodingKeys: String, CodingKey {
      case defense
      case binaryDataOutput = "binary_data_output"
    }

    init(from decoder: any Decoder) throws {
      try InferenceParameter.check(.request, in: decoder)
      let container = try decoder.container(keyedBy: CodingKeys.self)
      defense = try container.decodeIfPresent(String.self, forKey: .defense)
      binaryDataOutput = try container.decodeIfPresent(Bool.self, forKey: .binaryDataOutput)
    }
  }

  struct Input: Decodable {
    struct Parameters: Decodable {
      var binaryDataSize: Int?

      enum CodingKeys: String, CodingKey { case binaryDataSize = "binary_data_size" }

      init(from decoder: any Decoder) throws {
        try InferenceParameter.check(.input, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        binaryDataSize = try container.decodeIfPresent(Int.self, forKey: .binaryDataSize)
      }
    }

    /// The values, each row of its own or all in one list.
    enum Values {
      case flat(TensorValues)
      case rows(TensorValues, lengths: [Int])
    }

    var name: String
    var shape: [Int]
    var datatype: String
    var parameters: Parameters?
    /// Nil if there are none, or the datatype is none that the model takes.
    var data: Values?

    enum CodingKeys: CodingKey { case name, shape, datatype, parameters, data }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      shape = try container.decode([Int].self, forKey: .shape)
      datatype = try container.decode(String.self, forKey: .datatype)
      parameters = try container.decodeIfPresent(Parameters.self, forKey: .parameters)
      guard container.contains(.data) else { return }
      switch Datatype(rawValue: datatype) {
      case .bool: data = try Self.values(in: container, TensorValues.bool)
      case .fp32: data = try Self.values(in: container, TensorValues.fp32)
      case .int32: data = try Self.values(in: container, TensorValues.int32)
      case .int64: data = try Self.values(in: container, TensorValues.int64)
      case .bytes, nil: break
      }
    }

    private static func values<Element: Decodable>(
      in container: KeyedDecodingContainer<CodingKeys>, _ make: ([Element]) -> TensorValues
    ) throws -> Values {
      var elements = try container.nestedUnkeyedContainer(forKey: .data)
      do {
        guard (try? elements.nestedUnkeyedContainer()) != nil else {
          return .flat(make(try container.decode([Element].self, forKey: .data)))
        }
        let rows = try container.decode([[Element]].self, forKey: .data)
        return .rows(make(rows.flatMap { $0 }), lengths: rows.map(\.count))
      } catch  where !(error is DecodingError) {
        // Foundation throws something of its own, and says later that the text is not JSON.
        throw DecodingError.dataCorruptedError(
          forKey: .data, in: container, debugDescription: "a number is beyond \(Element.self)")
      }
    }
  }

  struct Output: Decodable {
    struct Parameters: Decodable {
      var binaryData: Bool?
      var classification: Int?

      enum CodingKeys: String, CodingKey {
        case classification
        case binaryData = "binary_data"
      }

      init(from decoder: any Decoder) throws {
        try InferenceParameter.check(.output, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        binaryData = try container.decodeIfPresent(Bool.self, forKey: .binaryData)
        classification = try container.decodeIfPresent(Int.self, forKey: .classification)
      }
    }

    var name: String
    var parameters: Parameters?
  }

  var id: String?
  var parameters: Parameters?
  var inputs: [Input]
  var outputs: [Output]?

  /// Whether an output's values go behind the JSON.
  func isBinary(_ output: String) -> Bool {
    outputs?.first { $0.name == output }?.parameters?.binaryData ?? parameters?.binaryDataOutput ?? false
  }
}
