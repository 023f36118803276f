import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

@Suite struct BlockHashTests {
  /// Feature flipping changes nothing but signs: every choice of signs has a hash of its own.
  @Test func signsChangeTheHash() {
    var generator = SeededGenerator(seed: 1)
    let block = (0..<12).map { _ in generator.uniform(-1, 1) }
    let hashes = Set(
      (0..<4096).map { signs in
        BlockHash.of(block.indices.map { signs >> $0 & 1 == 1 ? -block[$0] : block[$0] }[...])
      })
    #expect(hashes.count == 4096)
  }

  @Test func bitsCountAndWidthCounts() {
    #expect(BlockHash.of([0]) != BlockHash.of([-0.0]))
    #expect(BlockHash.of([1, 2]) != BlockHash.of([2, 1]))
    #expect(BlockHash.of([1, 0]) != BlockHash.of([1]))
    #expect(BlockHash.of([9, 1, 2, 3][1...]) == BlockHash.of([1, 2, 3]))
  }

  /// Journals hold these numbers: a message's are those that its blocks have one by one.
  @Test func aMessagesHashesAreThoseOfItsBlocks() throws {
    var generator = SeededGenerator(seed: 2)
    for (count, width) in [(1, 1), (1, 6), (2, 3), (3, 1), (4, 7), (5, 2), (64, 32), (7, 33)] {
      var message = Copur_V1_ContributeRequest()
      message.session = "s"
      message.samples = Array(0..<UInt64(count))
      message.values = (0..<count * width).map { _ in generator.uniform(-1, 1) }
      let batch = try BlockBatch(message, agent: roster.agents[0], width: width, maximumSamples: 64)
      #expect(BlockHash.of(batch) == (0..<count).map { BlockHash.of(batch[$0]) }, "\(count) blocks of \(width)")
    }
  }
}
