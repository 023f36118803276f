import CopurFusionCenter
import Testing

@Suite struct BatcherTests {
  private func round(_ sample: UInt64, defense: Int) -> ClosedRound {
    ClosedRound(session: "s\(defense)", sample: sample, defense: defense, embedding: [], observed: [])
  }

  @Test func gathersRoundsOfOneDefenceInTurns() {
    var batcher = Batcher(defenses: 2, maximum: 2)
    for (sample, defense) in [(1, 0), (2, 0), (3, 1), (4, 0)] {
      batcher.closed(round(UInt64(sample), defense: defense))
    }
    #expect(batcher.count == 4)
    var batches: [(Int, [UInt64])] = []
    while let batch = batcher.workerBecameFree() { batches.append((batch.defense, batch.rounds.map(\.sample))) }
    #expect(batches.map(\.0) == [0, 1, 0])
    #expect(batches.map(\.1) == [[1, 2], [3], [4]])
    #expect(batcher.count == 0)
  }

  @Test func aLoneRoundWaitsForNothing() {
    var batcher = Batcher(defenses: 1, maximum: 256)
    #expect(batcher.workerBecameFree()?.defense == nil)
    batcher.closed(round(1, defense: 0))
    #expect(batcher.workerBecameFree()?.rounds.map(\.sample) == [1])
  }
}
