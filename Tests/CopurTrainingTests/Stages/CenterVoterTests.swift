import CopurCore
import CopurDefenses
import CopurNumerics
import CopurTraining
import Foundation
import Testing

@Suite("Voters at the fusion center")
struct CenterVoterTests {
  private func trainer(isCalibrated: Bool = false) -> BundleTrainer {
    var voters = VoterSettings()
    voters.place = .center
    var training = TrainingSettings(
      embedding: 2, epochs: 15, batch: 16, learningRate: 0.05, hidden: 8,
      fusion: TrainingSettings.Fusion(epochs: 5, learningRate: 0.05))
    training.voters = voters
    var trainer = BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear, code: 1), source: .null)
    trainer.isCalibrated = isCalibrated
    return trainer
  }

  /// The rows, with agent b missing in every third.
  private func dataset() throws -> Dataset {
    let dataset = try SyntheticRows.dataset()
    func missing(_ rows: LabelledRows) -> LabelledRows {
      var features = rows.features
      for row in stride(from: 0, to: features.rows, by: 3) {
        for column in dataset.roster.layout[1] { features[row, column] = .nan }
      }
      return LabelledRows(features: features, labels: rows.labels)
    }
    return Dataset(
      name: dataset.name, roster: dataset.roster, featureNames: dataset.featureNames, classNames: dataset.classNames,
      train: missing(dataset.train), test: missing(dataset.test), digest: dataset.digest, silence: .all)
  }

  @Test("A bundle keeps them, is read again, and votes as well as agents' voters do nearly")
  func bundle() async throws {
    let dataset = try dataset()
    let bundle = try await trainer().train(on: dataset, seed: 1)
    let voters = try #require(bundle.centerVoters)
    #expect(voters.map(\.inputWidth) == [2, 2, 2, 2])
    #expect(
      bundle.manifest.parts.filter { $0.name.hasPrefix("voter.") }.map(\.name)
        == SyntheticRows.agents.map { "voter.\($0)" })
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try bundle.write(to: folder)
    let read = try ModelBundle(reading: folder)
    #expect(read.modelVersion == bundle.modelVersion)
    let spec = DefenseSpec.standard(for: read)
    #expect(spec.kind is AgentVote.Settings, "what a service takes unasked")
    let defense = try spec.make(from: read)
    #expect(defense is CenterVote)
    let clean = try read.observe(dataset.test.features, layout: dataset.roster.layout)
    let decided = defense.decide(clean)
    #expect(try decided == spec.make(from: bundle).decide(clean))
    #expect(zip(decided, dataset.test.labels).count { $0.label == $1 } >= 32, "of 40")
    let certifier = try #require(try defense.certifier(quorum: 1))
    #expect(certifier.tolerances(decided.map(\.label), of: clean).contains { ($0 ?? 0) >= 1 })
    // Being missing is evidence, as with agents' own voters.
    #expect(voters[1].absence != [0] && voters[0].absence == [0])
  }

  @Test("Beside purification a service purifies unasked; without voters, a vote says what it needs")
  func standard() async throws {
    let dataset = try dataset()
    let both = try await trainer(isCalibrated: true).train(on: dataset, seed: 1)
    #expect(both.centerVoters != nil && DefenseSpec.standard(for: both).kind is CoPur.Settings)
    let without = try ModelBundle(
      manifest: both.manifest, parts: both.parts.filter { !$0.name.hasPrefix("voter.") })
    #expect(without.centerVoters == nil)
    let context = KindContext(agents: dataset.roster.agents, classNames: dataset.classNames)
    let error = #expect(throws: CopurError.self) {
      try AgentVote.Settings(in: context).make(named: "vote", from: without)
    }
    #expect(error?.message.contains("{ voters: { at: center } }") == true)
    // One agent's voters missing is no bundle without voters.
    #expect(throws: CopurError.self) {
      try ModelBundle(manifest: both.manifest, parts: both.parts.filter { $0.name != "voter.c" })
    }
  }

  @Test("Double masking asks them, too")
  func masking() async throws {
    let dataset = try dataset()
    let bundle = try await trainer().train(on: dataset, seed: 1)
    let context = KindContext(agents: dataset.roster.agents, classNames: dataset.classNames, threat: Threat(any: 1))
    let defense = try DoubleMasking.Settings(in: context).make(named: "double-masking", from: bundle)
    let clean = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    let decided = defense.decide(clean).map(\.label)
    #expect(zip(decided, dataset.test.labels).count { $0 == $1 } >= 32, "of 40")
    #expect(try defense.certifier(quorum: 1) != nil)
  }
}
