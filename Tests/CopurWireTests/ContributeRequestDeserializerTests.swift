import CopurNumerics
import CopurWire
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import Testing

@Suite("ContributeRequestDeserializer") struct ContributeRequestDeserializerTests {
  private static func request(_ generator: inout SeededGenerator) -> Copur_V1_ContributeRequest {
    var message = Copur_V1_ContributeRequest()
    func number() -> UInt64 { generator.next() >> (generator.next() % 64) }
    func count() -> Int { Int(generator.next() % 5) * Int(generator.next() % 5) }
    if generator.next() % 2 == 0 { message.agent = "agent-\(number())" }
    if generator.next() % 2 == 0 { message.modelVersion = "α-\(number())" }
    if generator.next() % 2 == 0 { message.session = "s" }
    message.samples = (0..<count()).map { _ in number() }
    message.values = (0..<count()).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
    message.silent = (0..<count()).map { _ in number() }
    return message
  }

  /// The bytes of a message, so that one that is not a number is itself.
  private func outcome(_ read: () throws -> Copur_V1_ContributeRequest) -> [UInt8]? {
    guard let message = try? read() else { return nil }
    return try? message.serializedBytes()
  }

  private func agree(_ bytes: [UInt8]) -> Bool {
    outcome { try ContributeRequestDeserializer().deserialize(bytes) }
      == outcome { try ProtobufDeserializer<Copur_V1_ContributeRequest>().deserialize(bytes) }
  }

  @Test(
    "Messages, cut short and with flipped bits, too, are read as SwiftProtobuf reads them", arguments: [UInt64](0..<8))
  func agreesWithSwiftProtobuf(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let bytes: [UInt8] = try Self.request(&generator).serializedBytes()
      #expect(agree(bytes))
      guard !bytes.isEmpty else { continue }
      #expect(agree(Array(bytes.prefix(Int(generator.next() % UInt64(bytes.count))))))
      var flipped = bytes
      flipped[Int(generator.next() % UInt64(bytes.count))] ^= 1 << UInt8(generator.next() % 8)
      #expect(agree(flipped))
      // A field after the others adds to its list or replaces its text.
      #expect(agree(bytes + (try Self.request(&generator).serializedBytes() as [UInt8])))
    }
  }

  @Test(
    "What is written otherwise is read as well",
    arguments: [
      // Lists that are not packed, a field that is not known, one of another type, a field of number 0.
      [4 << 3, 7, 4 << 3, 8], [5 << 3 | 5, 0, 0, 128, 63], [7 << 3, 1], [1 << 3, 1], [2, 0],
      // Text that is none; numbers of eleven bytes, and with more than 64 bits; floats that are cut off.
      [3 << 3 | 2, 1, 0xFF], [4 << 3 | 2, 11] + [UInt8](repeating: 0x80, count: 10) + [1],
      [4 << 3 | 2, 10] + [UInt8](repeating: 0xFF, count: 10),
      [4 << 3 | 2, 10] + [UInt8](repeating: 0xFF, count: 9) + [1],
      [5 << 3 | 2, 3, 0, 0, 0],
      // Lengths beyond the end; an empty text over one that was there.
      [3 << 3 | 2, 5, 65], [3 << 3 | 2] + [UInt8](repeating: 0xFF, count: 9) + [1], [3 << 3 | 2, 1, 65, 3 << 3 | 2, 0],
      [],
    ] as [[UInt8]])
  func otherwise(bytes: [UInt8]) { #expect(agree(bytes)) }

  @Test("A message that cannot be read is the client's mistake")
  func refusal() {
    let error = #expect(throws: RPCError.self) { try ContributeRequestDeserializer().deserialize([3 << 3 | 2, 5, 65]) }
    #expect(error?.code == .invalidArgument)
  }
}
