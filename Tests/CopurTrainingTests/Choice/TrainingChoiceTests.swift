import CopurCore
import CopurTraining
import Testing

struct TrainingChoiceTests {
  private static let good = TrainingSettings(
    embedding: 3, epochs: 10, batch: 16, learningRate: 0.05, hidden: 8,
    fusion: TrainingSettings.Fusion(epochs: 10, learningRate: 0.05))

  /// So short and slow that it learns nothing.
  private static var poor: TrainingSettings {
    var training = good
    (training.epochs, training.learningRate) = (1, 1e-6)
    training.fusion = TrainingSettings.Fusion(epochs: 1, learningRate: 1e-6)
    return training
  }

  private func train(
    _ training: TrainingSettings, or alternatives: [TrainingSettings], code: Int? = nil, rows: Int = 160
  ) async throws -> ModelBundle {
    var settings = training
    settings.alternatives = alternatives
    return try await BundleTrainer(
      name: "test", training: settings, manifold: ManifoldSettings(kind: .linear, code: code), source: .null
    ).train(on: SyntheticRows.dataset(rows: rows), seed: 0)
  }

  @Test(
    "The training that held-out rows prefer is taken, wherever it stands, and is what it would be alone",
    arguments: [2, nil])
  func better(code: Int?) async throws {
    let alone = try await train(Self.good, or: [], code: code)
    #expect(alone.manifest.trainings == nil)
    for (first, second) in [(Self.poor, Self.good), (Self.good, Self.poor)] {
      let bundle = try await train(first, or: [second], code: code)
      let judged = try #require(bundle.manifest.trainings)
      #expect(judged.map(\.training) == [first, second])
      #expect(judged.filter(\.isTaken).map(\.training) == [Self.good])
      #expect(judged.allSatisfy { $0.training == Self.good || $0.score < 0.7 })
      #expect(judged.first(where: \.isTaken)?.code == bundle.manifold.codeWidth)
      #expect(bundle.jointModel.network == alone.jointModel.network)
      #expect(bundle.purifiedModel.network == alone.purifiedModel.network)
      #expect(bundle.manifest.settings == alone.manifest.settings)
      #expect(bundle.manifest.candidates == alone.manifest.candidates)
    }
  }

  @Test("Of trainings within a point of the best the first is taken")
  func even() async throws {
    var same = Self.good
    same.validationRows = 20
    let bundle = try await train(Self.good, or: [same])
    let judged = try #require(bundle.manifest.trainings)
    #expect(judged[0].score == judged[1].score)
    #expect(judged.map(\.isTaken) == [true, false])
  }

  @Test(
    "Without rows to hold out there is no choice", arguments: [(2, "a choice between trainings"), (nil, "code: auto")])
  func tooFew(code: Int?, purpose: String) async {
    let error = await #expect(throws: CopurError.self) {
      try await train(Self.good, or: [Self.poor], code: code, rows: 10)
    }
    #expect(error?.code == .configuration)
    #expect(error?.message == "\(purpose) needs training rows to hold out (rows: 10, held out: 1)")
  }
}
