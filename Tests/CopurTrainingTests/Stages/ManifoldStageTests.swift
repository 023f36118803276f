import CopurCore
import CopurNumerics
import CopurTraining
import Testing

struct ManifoldStageTests {
  @Test("Alone it gives the bundle's manifold, from the embeddings that the bundle's extractors give")
  func alone() async throws {
    let dataset = try SyntheticRows.dataset()
    let training = TrainingSettings(embedding: 3, epochs: 2, batch: 16, learningRate: 0.05, hidden: 8)
    for manifold in [
      ManifoldSettings(kind: .linear, code: 2), ManifoldSettings(kind: .autoencoder(hidden: 8, epochs: 3), code: 2),
    ] {
      let bundle = try await BundleTrainer(name: "test", training: training, manifold: manifold, source: .null)
        .train(on: dataset, seed: 4)
      let embedded = try bundle.embed(dataset.train.features, layout: dataset.roster.layout)
      let alone = try ManifoldStage(manifold, training: training)
        .fit(embedded, layout: bundle.roster.layout, seed: 4)
      #expect(alone.project(embedded) == bundle.manifold.project(embedded))
      var narrower = manifold
      narrower.code = 1
      let other = try ManifoldStage(narrower, training: training).fit(embedded, layout: bundle.roster.layout, seed: 4)
      #expect(other.project(embedded) != bundle.manifold.project(embedded))
    }
  }

  @Test("A dimension over the width of all embeddings is an error")
  func tooWide() throws {
    let stage = ManifoldStage(ManifoldSettings(kind: .linear, code: 5), training: TrainingSettings(embedding: 2))
    let error = #expect(throws: CopurError.self) {
      try stage.fit(Matrix(rows: 3, columns: 4), layout: BlockLayout(widths: [2, 2]), seed: 0)
    }
    #expect(error?.message == "manifold.code is at most the width of all embeddings, 4 (actual: 5)")
  }
}
