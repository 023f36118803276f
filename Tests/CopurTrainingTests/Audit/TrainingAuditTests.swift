import CopurCore
import CopurDefenses
import CopurNumerics
import CopurTraining
import Testing

/// One agent of ten that put a trigger into 15 % of its rows owned the defended model (success 75 %), and 40 % of the
/// positives flipped left it 62 % balanced accuracy: what is found, named and repaired, and that honest rows are left alone.
@Suite("Audits of training rows")
struct TrainingAuditTests {
  private static var training: TrainingSettings {
    TrainingSettings(
      extractorStart: .zero, embedding: 3, epochs: 20, batch: 16, learningRate: 0.05, hidden: 8,
      fusion: TrainingSettings.Fusion(epochs: 30, learningRate: 0.05), agentHeads: true, equalEnergy: true)
  }

  private func train(
    _ poison: TrainingPoison?, robust: AuditSettings? = AuditSettings(), on dataset: Dataset? = nil
  ) async throws -> ModelBundle {
    var settings = Self.training
    (settings.poison, settings.robust) = (poison, robust)
    return try await BundleTrainer(
      name: "test", training: settings, manifold: ManifoldSettings(kind: .linear, code: 2), source: .null
    ).train(on: try dataset ?? SyntheticRows.dataset(rows: 480), seed: 3)
  }

  private func balanced(_ bundle: ModelBundle) throws -> Double {
    let dataset = try SyntheticRows.dataset(rows: 480)
    let defense = CoPur.Settings().make(named: "copur", from: bundle)
    let decided = defense.decide(try bundle.observe(dataset.test.features, layout: dataset.roster.layout))
    return Metrics.balancedAccuracy(labels: dataset.test.labels, predictions: decided.map(\.label))
  }

  /// Looks for everything.
  private func everything(by views: AuditSettings.Views) -> AuditSettings {
    var settings = AuditSettings()
    settings.views = views
    return settings
  }

  @Test("honest rows are left alone", arguments: AuditSettings.Views.allCases)
  func honest(views: AuditSettings.Views) async throws {
    let record = try #require(try await train(nil, robust: everything(by: views)).manifest.audit)
    #expect(record.rows == 480)
    #expect(record.findings.isEmpty, "\(record)")
    #expect(record.labels.count < 480 / 20)
    #expect(record.precision == nil && record.recall == nil)
  }

  @Test("one-sided flips are found and repaired", arguments: AuditSettings.Views.allCases)
  func flips(views: AuditSettings.Views) async throws {
    var poison = TrainingPoison()
    (poison.share, poison.from, poison.to) = (0.4, 1, 0)
    let repaired = try await train(poison, robust: everything(by: views))
    let record = try #require(repaired.manifest.audit)
    #expect(try #require(record.precision) > 0.8)
    #expect(try #require(record.recall) > 0.6)
    #expect(abs(record.flips[1][0] - 0.4) < 0.15 && record.flips[0][1] < 0.1)
    #expect(record.findings.isEmpty)
    #expect(try balanced(repaired) > 0.85)
    let believed = try balanced(try await train(poison, robust: nil))
    #expect(try balanced(repaired) > believed + 0.05)
  }

  @Test("an agent with a trigger is named, and none other", arguments: AuditSettings.Views.allCases)
  func trigger(views: AuditSettings.Views) async throws {
    var poison = TrainingPoison()
    (poison.features, poison.agents, poison.amplification) = (.trigger, ["b"], 3)
    (poison.share, poison.from, poison.to) = (0.3, 0, 1)
    let bundle = try await train(poison, robust: everything(by: views))
    let record = try #require(bundle.manifest.audit)
    let triggers = record.findings.filter { $0.reason == .trigger }
    #expect(triggers.map(\.agent.name) == ["b"], "\(record.findings)")
    #expect(triggers.first?.label == 1)
    #expect(bundle.manifest.unheard?.map(\.name) == ["b"])
    #expect(try balanced(bundle) > 0.85)
  }

  @Test(
    "blocks of noise are withheld, and their agent named",
    arguments: [TrainingPoison.Features.noise, .constant], AuditSettings.Views.allCases)
  func blocks(features: TrainingPoison.Features, views: AuditSettings.Views) async throws {
    var poison = TrainingPoison()
    (poison.features, poison.agents, poison.share) = (features, ["c"], 0.3)
    let bundle = try await train(poison, robust: everything(by: views))
    let record = try #require(bundle.manifest.audit)
    let finding = try #require(record.findings.first { $0.reason == .blocks && $0.agent.name == "c" })
    #expect(record.findings.map(\.agent.name) == ["c"])
    #expect(abs(finding.share - 0.3) < 0.08)
    #expect(record.withheld > 100)
    #expect(try balanced(bundle) > 0.85)
  }

  @Test("over the network features are not looked at")
  func network() async throws {
    var settings = Self.training
    settings.robust = AuditSettings()
    let error = await #expect(throws: CopurError.self) {
      _ = try await BundleTrainer(
        name: "test", training: settings, manifold: ManifoldSettings(kind: .linear, code: 2), source: .null
      ).train(with: TrainingRows(try SyntheticRows.dataset(rows: 480)), seed: 0)
    }
    #expect(error?.description.contains("views: embeddings") == true)
  }

  @Test("agents that hold their own rows are judged as those of a data set are")
  func sameThroughAgents() async throws {
    var poison = TrainingPoison()
    (poison.share, poison.from, poison.to) = (0.4, 1, 0)
    let dataset = poison.applied(to: try SyntheticRows.dataset(rows: 480), seed: 3)
    var settings = Self.training
    settings.robust = everything(by: .embeddings)
    let trainer = BundleTrainer(
      name: "test", training: settings, manifold: ManifoldSettings(kind: .linear, code: 2), source: .null)
    let alone = try await trainer.train(on: dataset, seed: 3)
    let joint = try await trainer.train(with: TrainingRows(dataset), seed: 3)
    #expect(joint.manifest.audit?.labels == alone.manifest.audit?.labels)
    #expect(joint.manifest.audit?.precision == nil)
    #expect(joint.jointModel == alone.jointModel)
  }

  @Test("rows of which the named agent alone says something are not trained on, and nothing traps")
  func onlyTheNamed() async throws {
    let whole = try SyntheticRows.dataset(rows: 480)
    var features = whole.train.features
    for row in stride(from: 0, to: 480, by: 16) {
      for column in 0..<12 where !whole.roster.layout[1].contains(column) { features[row, column] = .nan }
    }
    let dataset = Dataset(
      name: whole.name, roster: whole.roster, featureNames: whole.featureNames, classNames: whole.classNames,
      train: LabelledRows(features: features, labels: whole.train.labels), test: whole.test, digest: "digest",
      silence: .all)
    var poison = TrainingPoison()
    (poison.features, poison.agents, poison.amplification) = (.trigger, ["b"], 3)
    (poison.share, poison.from, poison.to) = (0.3, 0, 1)
    let bundle = try await train(poison, on: dataset)
    #expect(bundle.manifest.unheard?.map(\.name) == ["b"])
    #expect(try balanced(bundle) > 0.8)
  }

  @Test("two agents are too few to judge each other", arguments: AuditSettings.Views.allCases)
  func twoAgents(views: AuditSettings.Views) async throws {
    let whole = try SyntheticRows.dataset()
    let roster = try AgentRoster(agents: [try AgentID("a"), try AgentID("b")], widths: [6, 6])
    let dataset = Dataset(
      name: "two", roster: roster, featureNames: whole.featureNames, classNames: whole.classNames, train: whole.train,
      test: whole.test, digest: "digest")
    var settings = Self.training
    settings.robust = everything(by: views)
    let error = await #expect(throws: CopurError.self) {
      _ = try await BundleTrainer(
        name: "test", training: settings, manifold: ManifoldSettings(kind: .linear, code: 1), source: .null
      ).train(on: dataset, seed: 0)
    }
    #expect(error?.description.contains("at least 3 agents") == true)
  }
}
