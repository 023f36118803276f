internal import Foundation

/// A constant of an ONNX model.
enum ONNXTensor {
  /// Weights.
  case numbers(Safetensors.Tensor)
  /// Whole numbers, such as the shape that a row is brought into.
  case integers([Int])

  /// ONNX's numbers of types (`TensorProto.DataType`).
  private static let types: [Int: ElementType] = [1: .float32, 10: .float16, 11: .float64, 16: .bfloat16]
  private static let integerType = 7

  /// Reads a `TensorProto`.
  ///
  /// - Parameter source: The model's files, for weights that lie beside it.
  /// - Returns: Its name and content.
  /// - Throws: ``ImportError`` that names it.
  static func read(_ data: Data, from source: ONNXSource) throws -> (name: String, tensor: ONNXTensor) {
    var (name, type, shape) = ("", 0, [Int]())
    var (raw, floats, doubles, integers) = (Data?.none, Data(), Data(), [Int]())
    var (place, isExternal) = ([String: String](), false)
    try ProtobufFields.forEach(in: data) { number, value in
      switch number {
      case 1: shape += try value.integers("a tensor's extent")
      case 2: type = try value.integer("a tensor's type")
      case 3: throw ImportError("a tensor is whole (actual: a segment)")
      case 4:
        if case .fixed32(let bits) = value {
          floats.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) })
        } else {
          floats.append(try value.bytes("a tensor's floats"))
        }
      case 5: throw ImportError("a tensor's numbers are raw bytes or floats (actual: integers of 32 bits)")
      case 7: integers += try value.integers("a tensor's integer")
      case 8: name = try value.text("a tensor's name")
      case 9: raw = try value.bytes("a tensor's numbers")
      case 10:
        guard case .bytes(let bytes) = value else { throw ImportError("a tensor's doubles are packed") }
        doubles.append(bytes)
      case 13:
        let entry = try Self.entry(value.bytes("a tensor's place"))
        place[entry.key] = entry.value
      case 14: isExternal = try value.integer("a tensor's location") == 1
      default: break
      }
    }
    if isExternal { raw = try Self.external(place, name: name, from: source) }
    let count = try Self.count(shape, name: name)
    try source.take(count, name: name)
    func checked(_ bytes: Data, size: Int) throws -> Data {
      // The count is compared before it is multiplied.
      guard bytes.count % size == 0, bytes.count / size == count else {
        throw ImportError(
          "\"\(name)\" of shape \(shape) has \(count) numbers of \(size) bytes (actual: \(bytes.count) bytes)")
      }
      return bytes
    }
    if type == integerType {
      if let raw {
        integers = try checked(raw, size: 8).withUnsafeBytes { bytes in
          (0..<count).map { Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))) }
        }
      }
      guard integers.count == count else {
        throw ImportError("\"\(name)\" of shape \(shape) has \(count) numbers (actual: \(integers.count))")
      }
      return (name, .integers(integers))
    }
    guard let element = types[type] else {
      throw ImportError(
        "a tensor's type is 1 (float), 7 (int64), 10 (float16), 11 (double) or 16 (bfloat16) (\"\(name)\": \(type))")
    }
    let bytes = raw ?? (element == .float64 ? doubles : element == .float32 ? floats : Data())
    let values = element.values(in: try checked(bytes, size: element.size))
    return (name, .numbers(Safetensors.Tensor(shape: shape, values: values)))
  }

  private static func count(_ shape: [Int], name: String) throws -> Int {
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw ImportError("an extent is at least 0 (\"\(name)\": \(shape))")
    }
    let count = ParameterShape(name, shape).count
    guard count <= Architecture.parameterLimit else {
      throw ImportError("an array has at most \(Architecture.parameterLimit) numbers (\"\(name)\": \(shape))")
    }
    return count
  }

  /// A `StringStringEntryProto`.
  private static func entry(_ data: Data) throws -> (key: String, value: String) {
    var (key, text) = ("", "")
    try ProtobufFields.forEach(in: data) { number, value in
      switch number {
      case 1: key = try value.text("a key")
      case 2: text = try value.text("a value")
      default: break
      }
    }
    return (key, text)
  }

  /// The bytes of weights that lie in a file beside the model.
  private static func external(
    _ place: [String: String], name: String, from source: ONNXSource
  ) throws -> Data {
    guard let file = place["location"], !file.isEmpty, !file.contains("/"), !file.contains("\0"), file != ".."
    else {
      throw ImportError(
        "weights beside a model are in a file in its folder (\"\(name)\": \"\(place["location"] ?? "")\")")
    }
    let data = try source.file(file)
    let (offset, length) = (place["offset"].map { Int($0) } ?? 0, place["length"].map { Int($0) } ?? data.count)
    guard let offset, let length, (0...data.count).contains(offset), (0...data.count - offset).contains(length) else {
      throw ImportError(
        "\"\(name)\" lies within the \(data.count) bytes of \"\(file)\" (actual: offset \(place["offset"] ?? "0"), length "
          + "\(place["length"] ?? "to the end"))")
    }
    return data.dropFirst(offset).prefix(length)
  }
}
