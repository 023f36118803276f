import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurTraining
import Foundation
import Testing

/// A sensor without a reading used to read the mean of training: on one user's data a watch that is off in 74 % of the test
/// rows said the same of all of them, with the certainty of a reading.
struct SilentAgentTests {
  private static let training = TrainingSettings(
    extractorStart: .zero, embedding: 3, epochs: 5, batch: 16, learningRate: 0.05, hidden: 8,
    fusion: TrainingSettings.Fusion(epochs: 5, learningRate: 0.05, agentDropout: 0.3), agentDropout: 0.2,
    agentHeads: true, equalEnergy: true)
  private static let further: [FusionTraining] = [
    .ablation(settings: AblationTrainingSettings(keep: 2, null: .learned)),
    .adversarial(settings: AdversarialTrainingSettings(goal: .untargeted, isBlockwise: true, iterations: 2)),
  ]

  private func train(_ dataset: Dataset, training: TrainingSettings = training, code: Int? = nil) async throws
    -> ModelBundle
  {
    try await BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear, code: code), further: Self.further,
      source: .null
    ).train(on: dataset, seed: 3)
  }

  /// Some agents without a reading: the second in every third row, the fourth in every fifth.
  private func dataset(
    silence: SilenceRule, _ replace: (_ column: Int, _ value: Float) -> Float = { _, _ in .nan }
  ) throws -> Dataset {
    let whole = try SyntheticRows.dataset()
    func silenced(_ rows: LabelledRows) -> LabelledRows {
      var features = rows.features
      for row in 0..<rows.count {
        for (agent, every) in [(1, 3), (3, 5)] where row % every == 0 {
          for (position, column) in whole.roster.layout[agent].enumerated() {
            features[row, column] = replace(position, features[row, column])
          }
        }
      }
      return LabelledRows(features: features, labels: rows.labels)
    }
    return Dataset(
      name: whole.name, roster: whole.roster, featureNames: whole.featureNames, classNames: whole.classNames,
      train: silenced(whole.train), test: silenced(whole.test), digest: "digest", silence: silence)
  }

  @Test("Missing in training, in the bundle and in what the fusion center gets")
  func missing() async throws {
    let dataset = try dataset(silence: .all)
    let bundle = try await train(dataset)
    #expect(bundle.manifest.silent == .all)
    let observation = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    for sample in 0..<dataset.test.count {
      let observed = (0..<4).map { observation.isObserved(block: $0, of: sample) }
      #expect(observed == [true, sample % 3 != 0, true, sample % 5 != 0], "row \(sample)")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try bundle.write(to: folder)
    #expect(try ModelBundle(reading: folder).silence == .all)
    // With a reading missing, what is left still decides well.
    let purified = bundle.purifiedModel.decide(bundle.manifold.project(observation.embeddings))
    #expect(zip(purified, dataset.test.labels).count { $0.label == $1 } >= 28, "of 40")
  }

  /// A watch that is taken off at night says by its silence that its user sleeps.
  @Test("Voters learn what it means that an agent is missing, as far as training says so")
  func absence() async throws {
    var training = Self.training
    training.extractor = .voters
    let trainer = BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear), source: .null)
    let whole = try SyntheticRows.dataset()
    /// Agent b is missing in the rows of a class but for every eighth, agent d in every fifth row of both.
    func bundle(missing label: Int) async throws -> ModelBundle {
      var features = whole.train.features
      for row in 0..<features.rows {
        let isMissing = [1: whole.train.labels[row] == label && row % 8 != 0, 3: row % 5 == 0]
        for (agent, _) in isMissing.filter(\.value) {
          for column in whole.roster.layout[agent] { features[row, column] = .nan }
        }
      }
      let rows = LabelledRows(features: features, labels: whole.train.labels)
      return try await trainer.train(on: whole.with(silence: .all, train: rows), seed: 3)
    }
    func absence(_ bundle: ModelBundle, _ agent: Int) throws -> Float {
      let absence = try #require(bundle.extractors[agent] as? VoterExtractor).absence
      return try #require(absence.count == 1 ? absence[0] : nil)
    }
    for label in 0..<2 {
      let bundle = try await bundle(missing: label)
      let sign: Float = label == 1 ? 1 : -1
      #expect(try sign * absence(bundle, 1) > 1, "missing says the class")
      #expect(try abs(absence(bundle, 3)) < 0.7, "missing says little")
      #expect(try absence(bundle, 0) == 0, "never missing in training: no evidence")
    }
    let bundle = try await trainer.train(on: try dataset(silence: .all), seed: 3)
    #expect(DefenseSpec.standard(for: bundle).kind is AgentVote.Settings, "what a service takes unasked")
    #expect(DefenseSpec.standard(for: try await train(try dataset(silence: .all))).kind is CoPur.Settings)
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try bundle.write(to: folder)
    let read = try ModelBundle(reading: folder)
    #expect((read.extractors[1] as? VoterExtractor)?.absence == (bundle.extractors[1] as? VoterExtractor)?.absence)
  }

  @Test("What a missing agent's other columns hold has no weight in any part of the bundle")
  func weightless() async throws {
    let half = try SilenceRule(share: 0.5)
    let bare = try await train(try dataset(silence: half) { _, _ in .nan })
    // Two of three columns are without a reading, which is over the half; the third holds nonsense.
    let junk = try await train(try dataset(silence: half) { column, _ in column == 0 ? 1e4 : .nan })
    #expect(bare.manifest.weightsDigest == junk.manifest.weightsDigest)
    var voters = Self.training
    voters.extractor = .voters
    let votes = try await train(try dataset(silence: half) { _, _ in .nan }, training: voters)
    let junkVotes = try await train(
      try dataset(silence: half) { column, _ in column == 0 ? 1e4 : .nan }, training: voters)
    #expect(votes.manifest.weightsDigest == junkVotes.manifest.weightsDigest)
    // So that this test can fail: under `all` the third column is a reading.
    let read = try await train(try dataset(silence: .all) { column, _ in column == 0 ? 1e4 : .nan })
    #expect(read.manifest.weightsDigest != bare.manifest.weightsDigest)
  }

  @Test("Where every agent has readings, the rule changes no weight; never is never")
  func withoutSilence() async throws {
    let whole = try SyntheticRows.dataset()
    let never = try await train(whole.with(silence: .never))
    let all = try await train(whole.with(silence: .all))
    #expect(never.manifest.weightsDigest == all.manifest.weightsDigest)
    #expect(never.manifest.silent == nil && never.silence == .never)
    let observation = try never.observe(dataset(silence: .all).test.features, layout: whole.roster.layout)
    #expect(observation.isComplete)
  }

  @Test(
    "An agent that is silent in all training rows is named in the bundle, and what it sends later has no part in anything"
  )
  func neverHeard() async throws {
    let whole = try SyntheticRows.dataset()
    var features = whole.train.features
    for row in 0..<features.rows {
      for column in whole.roster.layout[2] { features[row, column] = .nan }
    }
    let deaf = whole.with(silence: .all, train: LabelledRows(features: features, labels: whole.train.labels))
    let bundle = try await train(deaf)
    #expect(bundle.manifest.unheard == [deaf.roster.agents[2]])
    let embeddings = try bundle.embed(whole.test.features, layout: whole.roster.layout)
    #expect(bundle.roster.layout[2].allSatisfy { column in embeddings[row: 0][column] == 0 })
    #expect(try await train(deaf.with(silence: .never), code: 2).manifest.unheard == nil)
  }

  @Test("An agent that is heard in one run of rows only, and rows that nobody says anything of, can be trained on")
  func heardOnce() async throws {
    let whole = try SyntheticRows.dataset()
    var features = whole.train.features
    for row in 0..<features.rows where !(0..<15).contains(row) {
      for column in whole.roster.layout[2] { features[row, column] = .nan }
    }
    for row in 100..<104 { for column in 0..<features.columns { features[row, column] = .nan } }
    let rare = whole.with(silence: .all, train: LabelledRows(features: features, labels: whole.train.labels))
    let bundle = try await train(rare)
    #expect(bundle.manifold.codeWidth >= 1)
    #expect(bundle.calibration.residualLimits.allSatisfy { $0.isFinite })
  }

  @Test("An extractor gets no gradient from rows of which its agent says nothing")
  func gradient() throws {
    let layout = BlockLayout(widths: [2, 2])
    var generator = SeededGenerator(seed: 1)
    let inputs = generator.normalMatrix(rows: 12, columns: 3, standardDeviation: 1)
    let network = DenseNetwork(widths: [3, 2], hidden: .identity, using: &generator)
    let optimizer = Optimizer(.sgd, learningRate: 0.1)
    var joint = JointTraining(layout: layout, loss: .sigmoid)
    joint.hasAgentHeads = true
    joint.presence = BlockPresence(layout: layout, flags: (0..<12).flatMap { _ in [true, false] })
    let trained = try joint.train(
      agents: (0..<2).map { _ in ExtractorTrainee(network: network, inputs: inputs, optimizer: optimizer) },
      fusion: DenseNetwork(widths: [4, 1], hidden: .identity, using: &generator), labels: (0..<12).map { $0 % 2 },
      optimizer: optimizer, epochs: 2, batch: 4, using: &generator)
    #expect(trained.extractors[1] == Network(network))
    #expect(trained.extractors[0] != Network(network))
  }
}
