import CopurFusionCenter
import CopurNumerics
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
}
