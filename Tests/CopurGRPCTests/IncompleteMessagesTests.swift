import CopurGRPC
import Testing

@Suite struct IncompleteMessagesTests {
  /// A hundred streams that each announced 4 MiB and never ended took 400 MiB, over as many connections as one liked.
  @Test func aPeerHasRoomForSoMuchOverAllOfItsStreams() {
    let messages = IncompleteMessages(limits: .init(principal: 100, address: 150, total: 250))
    let (a, b, c) = (
      IncompleteMessages.Peer.principal("a"), IncompleteMessages.Peer.principal("b"),
      IncompleteMessages.Peer.address("c")
    )
    #expect(messages.changed(by: 60, of: a) && messages.changed(by: 40, of: a))
    #expect(!messages.changed(by: 1, of: a) && messages.count(of: a) == 100, "what has no room is not counted")
    #expect(messages.changed(by: 100, of: b))
    #expect(!messages.changed(by: 51, of: c), "all have room for 250")
    #expect(messages.changed(by: -60, of: a) && messages.changed(by: 60, of: a))
    #expect(messages.changed(by: -100, of: a) && messages.count(of: a) == 0)
    #expect(messages.changed(by: 150, of: c) && messages.total == 250, "an address may be that of many")
  }

  @Test func theDeframerSaysWhatItKeeps() throws {
    var deframer = GRPCMessageDeframer(maximumMessageBytes: 1000)
    var messages: [[UInt8]] = []
    let bytes: [UInt8] = [0, 0, 0, 0, 10] + [UInt8](repeating: 1, count: 10)
    for (range, kept) in [(0..<3, 0), (3..<8, 3), (8..<15, 0)] {
      try Array(bytes[range]).withUnsafeBytes { try deframer.feed($0, into: &messages) }
      #expect(deframer.incompleteBytes >= kept && deframer.incompleteBytes <= 100 * kept)
    }
    #expect(messages == [[UInt8](repeating: 1, count: 10)])
  }
}
