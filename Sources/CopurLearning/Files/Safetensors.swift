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

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var dataOffsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private enum Header: Codable {
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

  /// Reads a file's bytes.
  ///
  /// - Throws: ``FormatError`` if they break the format, or hold another type than F32.
  public init(decoding file: Data) throws {
    let file = Data(file)  // So that indices count from 0.
    guard file.count >= 8 else { throw FormatError(description: "a header length of 8 bytes (actual: \(file.count))") }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[$1]) << (8 * UInt64($1)) }
    guard length <= UInt64(Self.headerLimit), Int(length) <= file.count - 8 else {
      throw FormatError(
        description:
          "a header within the file and under \(Self.headerLimit) bytes (header: \(length), file: \(file.count))")
    }
    let body = file.dropFirst(8 + Int(length))
    let header: [String: Header]
    do {
      header = try JSONDecoder().decode([String: Header].self, from: file[8..<8 + Int(length)])
    } catch {
      throw FormatError(description: "a JSON header of names, types, shapes and offsets (\(error))")
    }
    var tensors: [String: Tensor] = [:]
    var metadata: [String: String] = [:]
    var used = 0
    for (name, value) in header {
      switch value {
      case .metadata(let text):
        guard name == "__metadata__" else { throw FormatError(description: "\"\(name)\" has no type and shape") }
        metadata = text
      case .entry(let entry):
        guard entry.dtype == "F32" else {
          throw FormatError(description: "arrays of type F32 (\"\(name)\": \(entry.dtype))")
        }
        var count = 1
        for extent in entry.shape {
          let (product, overflow) = count.multipliedReportingOverflow(by: extent)
          guard extent >= 0, !overflow, product <= body.count else {
            throw FormatError(description: "\"\(name)\" of shape \(entry.shape) does not fit in \(body.count) bytes")
          }
          count = product
        }
        guard entry.dataOffsets.count == 2, entry.dataOffsets[0] >= 0, entry.dataOffsets[1] <= body.count,
          entry.dataOffsets[1] >= entry.dataOffsets[0], entry.dataOffsets[1] - entry.dataOffsets[0] == 4 * count
        else {
          throw FormatError(
            description:
              "\"\(name)\" of shape \(entry.shape) takes \(4 * count) bytes within \(body.count) (offsets: \(entry.dataOffsets))"
          )
        }
        let start = body.startIndex + entry.dataOffsets[0]
        used += 4 * count
        let values = body.withUnsafeBytes { bytes in
          (0..<count).map { index in
            Float(
              bitPattern: UInt32(
                littleEndian: bytes.loadUnaligned(
                  fromByteOffset: start - body.startIndex + 4 * index, as: UInt32.self)))
          }
        }
        tensors[name] = Tensor(shape: entry.shape, values: values)
      }
    }
    guard used == body.count else {
      throw FormatError(description: "as many data bytes as the arrays take (arrays: \(used), data: \(body.count))")
    }
    self.init(tensors: tensors, metadata: metadata)
  }
}
