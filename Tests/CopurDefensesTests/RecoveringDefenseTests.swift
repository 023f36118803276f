import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// Adding a defence that recovers adds a row to `defenses`.
struct RecoveringDefenseTests {
  let layout = BlockLayout(widths: [3, 4, 3, 4])
  let defenses: [any RecoveringDefense]
  let samples: Observation

  init() throws {
    var generator = SeededGenerator(seed: 5)
    let clean = generator.normalMatrix(rows: 60, columns: 14)
    let manifold = try LinearManifold(fitting: clean, layout: layout, dimension: 2)
    let purifier = Purifier(manifold: manifold)
    let model = FusionModel(
      network: DenseNetwork(widths: [14, 6, 3], hidden: .leakyReLU(slope: 0.1), using: &generator), classes: 3)
    let base = CoPur(purifier: GatedPurifier(purifier: purifier), model: model)
    defenses = [
      base, ManifoldProjection(manifold: manifold, model: model),
      RelaxedCoPur(purifier: RelaxedPurifier(manifold: manifold, constraint: .bound(1)), model: model),
      ScheduledCoPur(schedule: PaperSchedule(manifold: manifold), model: model),
      try SmoothedCoPur(base: base, settings: SmoothingSettings(sigma: 0.5, draws: 40), seed: 1),
      Oracle(purifier: purifier, model: model, compromised: [2]),
    ]
    var samples = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<6))
    samples.withhold(block: 0, of: 4)
    self.samples = samples
  }

  @Test("deciding and recovering at once gives what both give")
  func atOnce() {
    for defense in defenses {
      let (decisions, recovered) = defense.decideAndRecover(samples)
      #expect(decisions == defense.decide(samples), "\(defense.name)")
      #expect(recovered == defense.recover(samples) && recovered.rows == 6, "\(defense.name)")
    }
  }

  @Test("a sample has what it has alone, whatever is decided with it")
  func alone() {
    for defense in defenses {
      let together = defense.decideAndRecover(samples)
      let alone = (0..<6).map { defense.decideAndRecover(samples.selecting([$0])) }
      #expect(together.decisions == alone.flatMap(\.decisions), "\(defense.name)")
      #expect(together.recovered.values == alone.flatMap(\.recovered.values), "\(defense.name)")
    }
  }
}
