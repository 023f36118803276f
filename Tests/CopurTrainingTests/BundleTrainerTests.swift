import CopurCore
import CopurNumerics
import CopurTraining
import Testing

struct BundleTrainerTests {
  private static let training = TrainingSettings(
    embedding: 3, epochs: 10, batch: 16, learningRate: 0.05, hidden: 8,
    fusion: TrainingSettings.Fusion(epochs: 10, learningRate: 0.05))

  private func train(
    _ manifold: ManifoldSettings = ManifoldSettings(kind: .linear, code: 2), training: TrainingSettings = training,
    seed: UInt64 = 0, on dataset: Dataset? = nil
  ) async throws -> ModelBundle {
    try await BundleTrainer(name: "test", training: training, manifold: manifold, source: .null)
      .train(on: try dataset ?? SyntheticRows.dataset(), seed: seed)
  }

  @Test("The same seed gives the same model, another seed another one")
  func seeds() async throws {
    let first = try await train(seed: 5)
    #expect(try await train(seed: 5).modelVersion == first.modelVersion)
    #expect(try await train(seed: 6).modelVersion != first.modelVersion)
    #expect(first.manifest.seed == 5 && first.manifest.datasetDigest == "digest")
    #expect(first.manifest.agents.map(\.name.name) == SyntheticRows.agents)
    #expect(first.manifest.candidates.isEmpty)
  }

  @Test("Test rows are never looked at: others give the same model", arguments: [2, nil])
  func testRows(code: Int?) async throws {
    let settings = ManifoldSettings(kind: .linear, code: code)
    let one = try await train(settings, on: SyntheticRows.dataset(testSeed: 2))
    let other = try await train(settings, on: SyntheticRows.dataset(testSeed: 3))
    #expect(one.modelVersion == other.modelVersion)
    // So that this test can fail: training rows do matter.
    #expect(try await train(settings, on: SyntheticRows.dataset(seed: 9)).modelVersion != one.modelVersion)
  }

  @Test("What it trains predicts rows that it has not seen")
  func predicts() async throws {
    let dataset = try SyntheticRows.dataset()
    let bundle = try await train(on: dataset)
    let embeddings = try bundle.embed(dataset.test.features, layout: dataset.roster.layout)
    for (model, input) in [
      (bundle.jointModel, embeddings), (bundle.purifiedModel, bundle.manifold.project(embeddings)),
    ] {
      let right = zip(model.decide(input), dataset.test.labels).count { $0.label == $1 }
      #expect(right >= 36, "of 40")
    }
  }

  @Test("An autoencoder of the hidden numbers' dimension reconstructs clean embeddings")
  func autoencoder() async throws {
    let settings = ManifoldSettings(kind: .autoencoder(hidden: 16, epochs: 150, learningRate: 0.01), code: 2)
    let dataset = try SyntheticRows.dataset()
    let bundle = try await train(settings, on: dataset)
    #expect(bundle.manifest.manifold == "autoencoder" && bundle.manifold.codeWidth == 2)
    let clean = try bundle.embed(dataset.test.features, layout: dataset.roster.layout)
    #expect(unexplained(clean, by: bundle.manifold) < 0.1)
    // One number cannot say two.
    let narrow = ManifoldSettings(kind: .autoencoder(hidden: 16, epochs: 150, learningRate: 0.01), code: 1)
    #expect(unexplained(clean, by: try await train(narrow, on: dataset).manifold) > 0.1)
  }

  /// ‖h − D(E(h))‖² over ‖h − mean‖².
  private func unexplained(_ embeddings: Matrix, by manifold: any Manifold) -> Float {
    let projected = manifold.project(embeddings)
    var (error, variance): (Float, Float) = (0, 0)
    for column in 0..<embeddings.columns {
      let mean = (0..<embeddings.rows).reduce(Float(0)) { $0 + embeddings[$1, column] } / Float(embeddings.rows)
      for row in 0..<embeddings.rows {
        error += (embeddings[row, column] - projected[row, column]) * (embeddings[row, column] - projected[row, column])
        variance += (embeddings[row, column] - mean) * (embeddings[row, column] - mean)
      }
    }
    return error / variance
  }

  @Test("Blocks of equal energy: the same joint predictions from blocks that vary alike")
  func equalEnergy() async throws {
    let dataset = try SyntheticRows.dataset()
    var settings = Self.training
    settings.equalEnergy = true
    let (plain, equal) = (try await train(on: dataset), try await train(training: settings, on: dataset))
    func embeddings(_ bundle: ModelBundle) throws -> Matrix {
      try bundle.embed(dataset.train.features, layout: dataset.roster.layout)
    }
    let energies = blockEnergies(try embeddings(equal), layout: equal.roster.layout)
    let unequal = blockEnergies(try embeddings(plain), layout: plain.roster.layout)
    func spread(_ energies: [Float]) -> Float { (energies.max() ?? 0) / (energies.min() ?? 1) }
    #expect(spread(energies) < 1.001)
    #expect(spread(unequal) > 1.05)
    let (total, before) = (energies.reduce(0, +), unequal.reduce(0, +))
    #expect(abs(total / before - 1) < 1e-3)
    let probabilities = plain.jointModel.decide(try embeddings(plain)).map { $0.probabilities[0] }
    let scaled = equal.jointModel.decide(try embeddings(equal)).map { $0.probabilities[0] }
    #expect(zip(probabilities, scaled).map { abs($0 - $1) }.max() ?? 1 < 1e-4)
  }

  private func blockEnergies(_ embeddings: Matrix, layout: BlockLayout) -> [Float] {
    let means = embeddings.columnMeans
    return (0..<layout.count).map { block in
      layout[block].reduce(Float(0)) { sum, column in
        (0..<embeddings.rows).reduce(sum) {
          $0 + (embeddings[$1, column] - means[column]) * (embeddings[$1, column] - means[column])
        }
      }
    }
  }

  @Test("Each setting for redundancy gives another model")
  func redundancy() async throws {
    let plain = try await train().modelVersion
    var versions: Set<String> = [plain]
    for change: (inout TrainingSettings) -> Void in [
      { $0.agentDropout = 0.3 }, { $0.agentHeads = true }, { $0.classBalanced = true }, { $0.equalEnergy = true },
      { $0.fusion.agentDropout = 0.3 }, { $0.extractorStart = .zero },
    ] {
      var settings = Self.training
      change(&settings)
      versions.insert(try await train(training: settings, on: SyntheticRows.dataset()).modelVersion)
    }
    #expect(versions.count == 7)
  }

  @Test(
    "Extractors that start from zero carry little but what the class follows from, one of the two hidden numbers' sums")
  func zeroStart() async throws {
    let dataset = try SyntheticRows.dataset()
    var settings = Self.training
    func unexplainedByOneDimension(_ start: TrainingSettings.ExtractorStart) async throws -> Float {
      settings.extractorStart = start
      let bundle = try await train(ManifoldSettings(kind: .linear, code: 1), training: settings, on: dataset)
      return unexplained(try bundle.embed(dataset.train.features, layout: dataset.roster.layout), by: bundle.manifold)
    }
    let zero = try await unexplainedByOneDimension(.zero)
    let random = try await unexplainedByOneDimension(.glorot)
    #expect(zero < random / 2, "zero: \(zero), glorot: \(random)")
  }

  @Test("A code wider than all embeddings is refused")
  func wideCode() async throws {
    let error = await #expect(throws: CopurError.self) { try await train(ManifoldSettings(kind: .linear, code: 13)) }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("the width of all embeddings, 12 (actual: 13)") == true)
  }

  @Test("A task that was cancelled trains nothing", arguments: [2, nil])
  func cancelled(code: Int?) async throws {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await train(ManifoldSettings(kind: .linear, code: code))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
