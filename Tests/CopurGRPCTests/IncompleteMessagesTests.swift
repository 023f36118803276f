import CopurGRPC
import Testing

@Suite struct IncompleteMessagesTests {
  /// A hundred streams that each announced 4 MiB and never ended took 400 MiB, over as many connections as one liked.
  @Test func aPeerHasRoomForSoMuchOverAllOfItsStreams() {
    let messages = IncompleteMessages(limit: 100)
    #expect(messages.changed(by: 60, of: "a") && messages.changed(by: 40, of: "a"))
    #expect(!messages.changed(by: 1, of: "a") && messages.count(of: "a") == 100, "what has no room is not counted")
    #expect(messages.changed(by: 100, of: "b"))
    #expect(messages.changed(by: -60, of: "a") && messages.changed(by: 60, of: "a"))
    #expect(messages.changed(by: -100, of: "a") && messages.count(of: "a") == 0)
  }

  @Test func theDeframerSaysWhatItKeeps() throws {
    var deframer = GRPCMessageDeframer(maximumMessageBytes: 1000)
    var messages: [[UInt8]] = []
    let bytes: [UInt8] = [0, 0, 0, 0, 10] + [UInt8](repeating: 1, count: 10)
    for (count, kept) in [(3, 0), (5, 3), (7, 0)] {
      let part = Array(bytes[(count == 3 ? 0 : count == 5 ? 3 : 8)...].prefix(count))
      try part.withUnsafeBytes { data throws(any Error) in try deframer.feed(data, into: &messages) }
      #expect(deframer.incompleteBytes == kept)
    }
    #expect(messages == [[UInt8](repeating: 1, count: 10)])
  }
}
