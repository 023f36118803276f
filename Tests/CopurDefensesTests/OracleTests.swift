import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Oracle")
struct OracleTests {
  @Test("what a liar sends has no part in it: it is purification with those blocks withheld")
  func withheld() throws {
    var generator = SeededGenerator(seed: 3)
    let layout = BlockLayout(widths: [3, 4, 3, 4])
    let clean = generator.normalMatrix(rows: 60, columns: 14)
    let purifier = Purifier(manifold: try LinearManifold(fitting: clean, layout: layout, dimension: 2))
    let model = FusionModel(
      network: DenseNetwork(widths: [14, 6, 3], hidden: .relu, using: &generator), classes: 3)
    var attacked = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<20))
    attacked.withhold(block: 2)
    var withheld = attacked
    for sample in 0..<20 { attacked.set(block: 1, of: sample, to: [1e6, -1e6, 7, 0]) }
    withheld.withhold(block: 1)
    let paper = CoPur(purifier: GatedPurifier(purifier: purifier), model: model)
    let oracle = Oracle(purifier: purifier, model: model)
    #expect(oracle.told(compromised: [1]).decide(attacked) == paper.decide(withheld))
    #expect(oracle.told(compromised: []).decide(attacked) == paper.decide(attacked))
    #expect(oracle.told(compromised: [1]).name == "oracle")
    // With nobody left it still decides, from the manifold alone.
    #expect(oracle.told(compromised: [0, 1, 2, 3]).decide(attacked).count == 20)
  }
}
