import CopurCore
import CopurTraining
import Testing

struct DimensionChoiceTests {
  private func train(rows: Int = 160, held: Int? = nil, seed: UInt64 = 0) async throws -> ModelBundle {
    let training = TrainingSettings(
      embedding: 3, epochs: 10, batch: 16, learningRate: 0.05, hidden: 8,
      fusion: TrainingSettings.Fusion(epochs: 10, learningRate: 0.05), validationRows: held)
    return try await BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear), source: .null
    ).train(on: SyntheticRows.dataset(rows: rows), seed: seed)
  }

  @Test("Every code under the width of all embeddings is tried; the bundle says how each did and has the one taken")
  func candidates() async throws {
    let bundle = try await train()
    let candidates = bundle.manifest.candidates
    #expect(candidates.map(\.code) == [1, 2, 3, 4, 6, 8])
    #expect(candidates.allSatisfy { (0...1).contains($0.clean) && (0...1).contains($0.corrupted) })
    // The smallest within 0.01 of the best mean of both.
    let scores = candidates.map { ($0.clean + $0.corrupted) / 2 }
    let best = try #require(scores.max())
    let taken = try #require(zip(candidates, scores).first { $0.1 >= best - 0.01 }).0
    #expect(bundle.manifold.codeWidth == taken.code)
    #expect(bundle.manifest.settings["manifold"]?["code"] == .number(Double(taken.code)))
  }

  @Test("The same seed gives the same choice and the same figures")
  func deterministic() async throws {
    let (first, second) = (try await train(seed: 3), try await train(seed: 3))
    #expect(first.manifest.candidates == second.manifest.candidates)
    #expect(first.modelVersion == second.modelVersion)
    #expect(try await train(seed: 4).manifest.candidates != first.manifest.candidates)
  }

  @Test("Too few rows to hold some out", arguments: [(10, nil, 1), (20, 19, 19)] as [(Int, Int?, Int)])
  func tooFew(rows: Int, held: Int?, said: Int) async {
    let error = await #expect(throws: CopurError.self) { try await train(rows: rows, held: held) }
    #expect(error?.code == .configuration)
    #expect(error?.message == "code: auto needs training rows to hold out (rows: \(rows), held out: \(said))")
  }
}

extension JSONValue {
  fileprivate subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }
}
