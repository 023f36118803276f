import CopurAttacks
import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Certificates of CoPur's predictions")
struct CoPurCertifierTests {
  private static let samples = 60
  private let layout = BlockLayout(widths: [4, 3, 4, 5, 4, 4, 3])
  private let clean: Observation
  private let labels: [Int]
  private let open: CoPur
  private let gated: CoPur

  init() throws {
    var generator = SeededGenerator(seed: 31)
    let columns = layout.totalWidth
    let direction = generator.normalMatrix(rows: 1, columns: columns)
    var embeddings = Matrix.product(
      generator.normalMatrix(rows: Self.samples, columns: 1, standardDeviation: 2), direction)
    embeddings.add(generator.normalMatrix(rows: Self.samples, columns: columns, standardDeviation: 0.5))
    clean = Observation(layout: layout, embeddings: embeddings)
    let manifold = try LinearManifold(fitting: embeddings, layout: layout, dimension: 1)
    let targets = manifold.encode(embeddings).values.map { abs($0) > 4 ? 1 : 0 }
    var training = SeededGenerator(seed: 5)
    var network = DenseNetwork(widths: [columns, 8, 1], hidden: .relu, using: &training)
    var optimizer = Optimizer(.adam(), learningRate: 0.02)
    let projected = manifold.project(embeddings)
    for _ in 0..<200 {
      let trace = network.trace(projected)
      let (_, gradient) = ClassificationLoss(classes: 2)(trace.output, labels: targets)
      network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
    }
    let model = FusionModel(network: network, classes: 2)
    let purifier = Purifier(manifold: manifold)
    let gate = EmbeddingGate(
      profiles: try EmbeddingProfile.fitting(embeddings, layout: layout),
      limits: [Float](repeating: 1.2, count: layout.count))
    open = CoPur(purifier: GatedPurifier(purifier: purifier), model: model)
    gated = CoPur(purifier: GatedPurifier(purifier: purifier, gate: gate), model: model)
    labels = targets
  }

  /// The repository's attacks that know the defence, those that do not, silence, and blocks far out.
  private func attacks(_ blocks: [Int]) throws -> [AttackPlan] {
    let descent = ProjectedGradientDescent(goal: .untargeted, step: 1, iterations: 20)
    let methods: [any Attack] = [
      AdaptiveDescent(descent: descent, restarts: 3), RandomSearch(goal: .untargeted, queries: 60),
      descent, FeatureFlipping(amplification: 10), FeatureFlipping(amplification: 1), ConstantEmbedding(value: 1e6),
      ConstantEmbedding(value: -1e30), GaussianEmbedding(amplification: 3),
    ]
    return try [AttackPlan(missing: blocks, parts: [])]
      + methods.map { try AttackPlan(missing: [], parts: [.init(attack: $0, blocks: blocks)]) }
  }

  @Test("What is certified survives every attack, with the gate and without", arguments: [[6], [1, 4], [0, 2, 5]])
  func survival(blocks: [Int]) throws {
    for defense in [open, gated] {
      let certifier = try CoPurCertifier(defense)
      let predictions = certifier.predictions(clean)
      let certified = certifier.certifies(predictions, of: clean, against: .these(Set(blocks)))
      let any = certifier.certifies(predictions, of: clean, against: .any(blocks.count))
      var survived = [Bool](repeating: true, count: Self.samples)
      for plan in try attacks(blocks) {
        let received = plan.apply(to: clean, labels: labels, victim: defense.model, defended: defense.victim).received
        for (sample, decision) in defense.decide(received).enumerated() where decision.label != predictions[sample] {
          survived[sample] = false
        }
      }
      for sample in 0..<Self.samples {
        if certified[sample] { #expect(survived[sample], "\(defense.name), sample \(sample)") }
        if any[sample] { #expect(certified[sample], "\(defense.name), sample \(sample)") }
      }
      // The certificates say something, and are not far from what attacks do.
      let count = certified.count { $0 }
      #expect(count >= 12, "\(defense.name): \(count) of \(survived.count { $0 })")
      if defense.name == CoPur.paperName {
        #expect(survived.count { $0 } - count <= 3, "\(count) of \(survived.count { $0 })")
      }
    }
  }

  @Test("The largest number of agents is that up to which each prediction is certified")
  func tolerances() throws {
    let certifier = try CoPurCertifier(gated)
    let predictions = certifier.predictions(clean)
    let tolerances = certifier.tolerances(predictions, of: clean)
    for count in 0...layout.count {
      let certified = certifier.certifies(predictions, of: clean, against: .any(count))
      for sample in 0..<Self.samples { #expect(certified[sample] == (tolerances[sample] ?? -1 >= count)) }
    }
    #expect(Set(tolerances).count >= 3)
    // All agents together decide what they like, if the model has two classes on the line.
    #expect(tolerances.allSatisfy { $0 ?? 0 < layout.count })
  }

  @Test("Under the quorum there is no prediction; one that silence can prevent is not certified")
  func quorum() throws {
    let certifier = try CoPurCertifier(open, quorum: 6)
    var observation = clean.selecting([0, 1, 2])
    observation.withhold(block: 2, of: 1)
    for block in [2, 3] { observation.withhold(block: block, of: 2) }
    let predictions = certifier.predictions(observation)
    #expect(predictions.map { $0 == nil } == [false, false, true])
    let lenient = try CoPurCertifier(open).certifies(predictions, of: observation, against: .these([6]))
    #expect(lenient == [true, true, false])
    #expect(certifier.certifies(predictions, of: observation, against: .these([6])) == [true, false, false])
    // A silent agent adds nothing to what is left.
    #expect(certifier.certifies(predictions, of: observation, against: .these([2])) == [true, true, false])
    #expect(certifier.certifies(predictions, of: observation, against: .any(2)) == [false, false, false])
  }

  @Test("A certificate of a batch is that of its samples; another manifold has none")
  func batches() throws {
    let certifier = try CoPurCertifier(gated)
    let predictions = certifier.predictions(clean)
    let together = certifier.certifies(predictions, of: clean, against: .these([1]))
    for sample in [0, 7, 31] {
      #expect(
        certifier.certifies([predictions[sample]], of: clean.selecting([sample]), against: .these([1]))
          == [together[sample]])
    }
    let plane = try LinearManifold(fitting: clean.embeddings, layout: layout, dimension: 2)
    let other = CoPur(purifier: GatedPurifier(purifier: Purifier(manifold: plane)), model: open.model)
    #expect(throws: CopurError.self) { try CoPurCertifier(other) }
  }
}
