public import GRPCCore
internal import GRPCProtobuf

/// Reads ContributeRequest messages: those that are written as usual in one walk over their bytes, any others by SwiftProtobuf.
///
/// An agent's blocks are most of what a fusion center receives. As usual means: known fields of their type only, lists packed,
/// text valid.
public struct ContributeRequestDeserializer: MessageDeserializer {
  public init() {}

  public func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Copur_V1_ContributeRequest {
    let quick = bytes.withUnsafeBytes { bytes in
      var reader = Reader(bytes: bytes)
      return reader.request()
    }
    return try quick ?? ProtobufDeserializer<Copur_V1_ContributeRequest>().deserialize(bytes)
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Nil: it is not written as usual.
    mutating func request() -> Copur_V1_ContributeRequest? {
      var request = Copur_V1_ContributeRequest()
      while offset < bytes.count {
        guard let tag = varint(upTo: bytes.count), tag & 7 == 2, let length = varint(upTo: bytes.count),
          length <= UInt64(bytes.count - offset)
        else { return nil }
        let field = offset..<offset + Int(length)
        switch tag >> 3 {
        case 1, 2, 3:
          guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[field]), as: UTF8.self) else {
            return nil
          }
          switch tag >> 3 {
          case 1: request.agent = text
          case 2: request.modelVersion = text
          default: request.session = text
          }
        case 4: guard numbers(in: field, into: &request.samples) else { return nil }
        case 5: guard floats(in: field, into: &request.values) else { return nil }
        case 6: guard numbers(in: field, into: &request.silent) else { return nil }
        default: return nil
        }
        offset = field.upperBound
      }
      return request
    }

    /// Nil: it does not end before the bytes do, or has more than 64 bits.
    private mutating func varint(upTo end: Int) -> UInt64? {
      var (value, shift) = (UInt64(0), UInt64(0))
      while offset < end {
        let byte = bytes[offset]
        offset += 1
        guard shift < 63 || byte <= 1 else { return nil }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }

    private mutating func numbers(in field: Range<Int>, into numbers: inout [UInt64]) -> Bool {
      offset = field.lowerBound
      while offset < field.upperBound {
        guard let number = varint(upTo: field.upperBound) else { return false }
        numbers.append(number)
      }
      return true
    }

    private func floats(in field: Range<Int>, into values: inout [Float]) -> Bool {
      guard field.count % 4 == 0 else { return false }
      let start = field.lowerBound
      let read = [Float](unsafeUninitializedCapacity: field.count / 4) { buffer, count in
        count = field.count / 4
        for index in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)
          buffer.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: bits)))
        }
      }
      // Mostly there is one list.
      if values.isEmpty { values = read } else { values += read }
      return true
    }
  }
}
