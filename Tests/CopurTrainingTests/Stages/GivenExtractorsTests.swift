import CopurCore
import CopurDefenses
import CopurNumerics
import CopurTraining
import Foundation
import Testing

/// An extractor that gives the features themselves, and fails where one is missing.
private struct Features: ExtractorKind {
  static var entry: KindEntry<any ExtractorKind> { KindEntry("features", "For tests.", Features()) }
  var kind: String { "features" }

  func embed(_ rows: Matrix, of agent: EmbeddedAgent) throws -> Matrix {
    guard rows.values.allSatisfy({ !$0.isNaN }) else { throw CopurError(.invalidData, "a feature is missing") }
    // The first agent's are much larger than the others'.
    let factor: Float = agent.id.name == "a" ? 10 : 1
    return Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.map { factor * $0 })
  }
}

@Suite("Training behind extractors that are given")
struct GivenExtractorsTests {
  /// Not listed, since other tests compare the lists with the documentation.
  private static let isRegistered: Bool = {
    (try? KindRegistry.extractors.register(Features.entry, isListed: false)) != nil
  }()

  private var training: TrainingSettings {
    var training = TrainingSettings(extractor: .given, embedding: 3, epochs: 20, learningRate: 0.02, slope: 0.1)
    training.given = ExtractorSpec(Features())
    return training
  }

  private func trainer(_ training: TrainingSettings, protection: Protection? = nil) -> BundleTrainer {
    #expect(Self.isRegistered)
    return BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear, code: 2), protection: protection,
      source: .null)
  }

  @Test("Models are trained on what it gives; the bundle is read as it was written")
  func bundle() async throws {
    let dataset = try SyntheticRows.dataset()
    let bundle = try await trainer(training).train(on: dataset, seed: 1)
    let clean = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    #expect(clean.embeddings.columns == 12 && clean.embeddings[0, 3] == dataset.test.features[0, 3])
    let defense = CoPur.Settings().make(named: "copur", from: bundle)
    let accuracy = Metrics.accuracy(labels: dataset.test.labels, predictions: defense.decide(clean).map(\.label))
    #expect(accuracy > 0.8)
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-given-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try bundle.write(to: folder)
    let read = try ModelBundle(reading: folder)
    #expect(read.modelVersion == bundle.modelVersion && read.extractors.areEqual(to: bundle.extractors))
    #expect(try read.observe(dataset.test.features, layout: dataset.roster.layout) == clean)
  }

  @Test("Blocks of equal energy vary equally much, and the fusion model's decisions stay")
  func equalEnergy() async throws {
    let dataset = try SyntheticRows.dataset()
    var settings = training
    settings.equalEnergy = true
    let (plain, equal) = (
      try await trainer(training).train(on: dataset, seed: 1), try await trainer(settings).train(on: dataset, seed: 1)
    )
    func decided(_ bundle: ModelBundle) throws -> (first: Float, probabilities: [Float]) {
      let clean = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
      return (abs(clean.embeddings[0, 0]), bundle.jointModel.decide(clean.embeddings).map { $0.probabilities[0] })
    }
    let (before, after) = (try decided(plain), try decided(equal))
    #expect(after.first < 0.6 * before.first)
    #expect(zip(before.probabilities, after.probabilities).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("It is not asked for rows of which its agent has no reading, nor for an agent that never has one")
  func silence() async throws {
    let whole = try SyntheticRows.dataset()
    func silenced(_ rows: LabelledRows) -> LabelledRows {
      var features = rows.features
      for row in 0..<rows.count {
        for column in whole.roster.layout[3] { features[row, column] = .nan }
        if row % 3 == 0 { for column in whole.roster.layout[1] { features[row, column] = .nan } }
      }
      return LabelledRows(features: features, labels: rows.labels)
    }
    let dataset = Dataset(
      name: whole.name, roster: whole.roster, featureNames: whole.featureNames, classNames: whole.classNames,
      train: silenced(whole.train), test: silenced(whole.test), digest: "silenced", silence: .all)
    let bundle = try await trainer(training).train(on: dataset, seed: 1)
    let clean = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    #expect(!clean.isObserved(block: 1, of: 0) && clean.isObserved(block: 1, of: 1))
    #expect(bundle.manifest.unheard == [try AgentID("d")])
  }

  @Test("What it throws ends the training; a chosen defence and joint training are errors beside it")
  func errors() async throws {
    let dataset = try SyntheticRows.dataset()
    var features = dataset.train.features
    features[5, 0] = .nan
    let broken = dataset.with(train: LabelledRows(features: features, labels: dataset.train.labels))
    let missing = await #expect(throws: CopurError.self) { try await trainer(training).train(on: broken, seed: 1) }
    #expect(missing?.message == "a feature is missing")
    let chosen = await #expect(throws: CopurError.self) {
      try await trainer(training, protection: Protection(threat: .standard, cost: 0.05)).train(on: dataset, seed: 1)
    }
    #expect(chosen?.code == .configuration && chosen?.message.contains("the scenario gives features") == true)
    let network = await #expect(throws: CopurError.self) {
      try await trainer(training).train(with: TrainingRows(dataset), seed: 1)
    }
    #expect(network?.code == .configuration && network?.message.contains("those that are given") == true)
  }

  @Test(
    "Models from elsewhere are kept as they are, whatever their order and the width that is set; a change is noticed")
  func models() async throws {
    let dataset = try SyntheticRows.dataset()
    let trained = try await trainer(TrainingSettings(embedding: 2, epochs: 2)).train(on: dataset, seed: 3)
    let extractors = trained.extractors.compactMap { $0 as? NetworkExtractor }
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-models-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let agents = dataset.roster.agents
    try ImportedModels(agents: agents.reversed(), extractors: extractors.reversed(), fusion: nil).write(to: folder)
    var settings = TrainingSettings(extractor: .given, embedding: 7, epochs: 2)
    settings.given = ExtractorSpec(ImportedExtractors(folder: folder.path))
    #expect(settings.bringsModels && settings.embeddingWidth(agents: 4) == nil)
    let read = try settings.reading(modelsFor: agents)
    #expect(read.embeddingWidth(agents: 4) == 8)
    #expect(try JSONDecoder().decode(TrainingSettings.self, from: JSONEncoder().encode(read)) == read)
    let bundle = try await trainer(read).train(on: dataset, seed: 4)
    #expect(bundle.extractors.areEqual(to: trained.extractors) && bundle.givenExtractor == nil)
    #expect(bundle.roster.layout.widths == [2, 2, 2, 2])
    try ImportedModels(agents: agents, extractors: extractors, fusion: nil).write(to: folder)
    let changed = await #expect(throws: CopurError.self) { try await trainer(read).train(on: dataset, seed: 4) }
    #expect(changed?.message.contains("was changed while it was in use") == true)
  }
}
