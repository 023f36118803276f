internal import Foundation

/// Numbers as the bytes that they are, so that what is read from a file is bit for bit what was written.
struct PackedNumbers: Hashable, Sendable, Codable {
  let values: [Float]

  init(_ values: [Float]) { self.values = values }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let data = try container.decode(Data.self)
    guard data.count.isMultiple(of: 4) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "numbers have 4 bytes each")
    }
    values = stride(from: 0, to: data.count, by: 4).map { start in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[data.startIndex + start + $1]) << (8 * UInt32($1)) })
    }
  }

  func encode(to encoder: any Encoder) throws {
    var data = Data(capacity: 4 * values.count)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    var container = encoder.singleValueContainer()
    try container.encode(data)
  }
}

extension Network {
  /// A network of this architecture with other parameters.
  ///
  /// - Throws: ``ArchitectureError`` if they are not of its shape.
  func with(parameters: [[Float]]) throws -> Network {
    let count = self.parameters.count
    guard parameters.count == count else {
      throw ArchitectureError("a network has \(count) parameter arrays (actual: \(parameters.count))")
    }
    var index = -1
    return try Network(architecture) { _, _ in
      index += 1
      return parameters[index]
    }
  }
}

extension DenseNetwork {
  /// The values of all parameters, layer by layer.
  var parameters: [[Float]] { Network(self).parameters }

  /// A network of these layers with other parameters.
  ///
  /// - Throws: ``ArchitectureError`` if they are not of its shape.
  func with(parameters: [[Float]]) throws -> DenseNetwork {
    guard let network = try Network(self).with(parameters: parameters).dense else {
      preconditionFailure("dense layers stay dense")
    }
    return network
  }
}
