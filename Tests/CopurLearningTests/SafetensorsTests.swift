import CopurLearning
import Foundation
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  let file = Safetensors(
    tensors: [
      "b": .init(shape: [2, 3], values: [1, 2, 3, 4, 5, .leastNonzeroMagnitude]), "a": .init(shape: [0], values: []),
      "c": .init(shape: [], values: [7]),
    ],
    metadata: ["made": "here"])

  @Test("what was written is read again")
  func roundTrip() throws {
    let bytes = file.encoded()
    #expect(try Safetensors(decoding: bytes) == file)
    #expect(bytes == file.encoded())
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    let header = try #require(try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    let entry = try #require(header["b"] as? [String: Any])
    #expect(entry["dtype"] as? String == "F32" && entry["data_offsets"] as? [Int] == [0, 24])
  }

  @Test("no prefix of a file and no flipped byte of it traps")
  func damaged() {
    let bytes = file.encoded()
    for count in 0..<bytes.count {
      #expect(throws: Safetensors.FormatError.self) { try Safetensors(decoding: bytes.prefix(count)) }
    }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0xFF
      // Either an error or another file, never the same one and never a trap.
      if let read = try? Safetensors(decoding: changed) { #expect(read != file) }
    }
  }

  @Test(
    "headers that lie are refused with the rule",
    arguments: [
      (#"{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, 8, "F32"),
      (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "takes 8 bytes"),
      (#"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "does not fit"),
      (#"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4, "does not fit"),
      (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 4, "one after the other"),
      (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "as many data bytes"),
      (#"{"x":3}"#, 0, "JSON header"),
    ])
  func lies(header: String, body: Int, rule: String) throws {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(count: body)
    let error = try #require(throws: Safetensors.FormatError.self) { try Safetensors(decoding: bytes) }
    #expect(error.description.contains(rule), "\(error)")
  }
}
