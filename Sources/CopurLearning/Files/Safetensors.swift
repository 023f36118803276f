public import CopurNumerics
public import Foundation

/// Named arrays of `Float` in the safetensors format: u64 little-endian header length, a JSON header, the data.
public struct Safetensors: Hashable, Sendable {
  /// An array of any shape; a ``Matrix`` is [rows, columns].
  public struct Tensor: Hashable, Sendable {
    /// The extent of each dimension, outermost first; empty for a single number.
    public var shape: [Int]
    /// The elements, row-major; as many as the product of the extents.
    public var values: [Float]

    /// An array of any shape, with as many values as that has elements.
    public init(shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count)
      self.shape = shape
      self.values = values
    }

    /// A matrix as [rows, columns].
    public init(_ matrix: Matrix) { self.init(shape: [matrix.rows, matrix.columns], values: matrix.values) }

    /// A vector as [count].
    public init(_ vector: [Float]) { self.init(shape: [vector.count], values: vector) }
  }

  /// The arrays by name.
  public var tensors: [String: Tensor]
  /// Free text by name, the header's `__metadata__`.
  public var metadata: [String: String]

  /// A file of given content.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The largest header that is read, in bytes.
  static let headerLimit = 16 << 20

  /// Why bytes are not a safetensors file of 32-bit floats.
  public struct FormatError: Error, Hashable, CustomStringConvertible {
    /// The rule and the value that broke it.
    public let description: String
  }

  struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var dataOffsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  enum Header: Codable {
    case entry(Entry)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      if let entry = try? Entry(from: decoder) {
        self = .entry(entry)
      } else {
        self = .metadata(try [String: String](from: decoder))
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .entry(let entry): try entry.encode(to: encoder)
      case .metadata(let metadata): try metadata.encode(to: encoder)
      }
    }
  }

  /// The file's bytes: arrays in the order of their names, the header padded with spaces to a multiple of 8 bytes. Equal
  /// content gives equal bytes.
  public func encoded() -> Data {
    var header: [String: Header] = [:]
    if !metadata.isEmpty { header["__metadata__"] = .metadata(metadata) }
    var body = Data()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let begin = body.count
      tensor.values.withUnsafeBufferPointer { values in
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) } }
      }
      header[name] = .entry(Entry(dtype: "F32", shape: tensor.shape, dataOffsets: [begin, body.count]))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var json = try? encoder.encode(header) else { preconditionFailure("strings and integers are always JSON") }
    json.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    file.append(json)
    file.append(body)
    return file
  }
}
