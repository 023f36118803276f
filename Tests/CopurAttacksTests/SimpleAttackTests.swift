import CopurAttacks
import CopurCore
import CopurLearning
import CopurNumerics
import Testing

/// Attacks that follow no gradient: constants, noise, replays.
@Suite("Constant, Gaussian and replayed embeddings")
struct SimpleAttackTests {
  let layout = BlockLayout(widths: [2, 40, 3])
  let clean: Observation
  let recordings: Recordings
  let model: FusionModel
  let labels = [0, 1, 1, 0, 1]

  init() {
    var generator = SeededGenerator(seed: 6)
    clean = Observation(layout: layout, embeddings: generator.normalMatrix(rows: 5, columns: 45, standardDeviation: 3))
    recordings = Recordings(
      embeddings: generator.normalMatrix(rows: 6, columns: 45), labels: [0, 0, 1, 1, 0, 1])
    model = FusionModel(network: DenseNetwork(widths: [45, 1], hidden: .identity, using: &generator), classes: 2)
  }

  private func outcome(
    _ attack: any Attack, blocks: [Int], of samples: [Int]? = nil, name: String = "x", seed: UInt64 = 1
  ) throws -> AttackOutcome {
    let numbers = samples ?? Array(0..<5)
    return try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: blocks)]).apply(
      to: clean.selecting(numbers), labels: numbers.map { labels[$0] }, victim: model,
      context: AttackContext(seed: seed, name: name, numbers: numbers, recordings: recordings))
  }

  @Test("a constant is the same everywhere in its block, and nowhere else")
  func constant() throws {
    let attacked = try outcome(ConstantEmbedding(value: 2.5), blocks: [2]).received
    for sample in 0..<5 {
      #expect(attacked.embeddings[row: sample].suffix(3) == [2.5, 2.5, 2.5])
      #expect(attacked.embeddings[row: sample].prefix(42) == clean.embeddings[row: sample].prefix(42))
    }
  }

  @Test("noise is as long as the honest block, and follows from seed, name and sample alone")
  func gaussian() throws {
    let attack = GaussianEmbedding(amplification: 2)
    let first = try outcome(attack, blocks: [1]).received
    for sample in 0..<5 {
      func length(_ matrix: Matrix) -> Float {
        matrix[row: sample][(sample * 45 + 2)..<(sample * 45 + 42)].reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      // χ with 40 degrees of freedom: a spread of 11 %.
      #expect(abs(length(first.embeddings) / length(clean.embeddings) - 2) < 1)
    }
    #expect(try outcome(attack, blocks: [1]).received == first)
    #expect(try outcome(attack, blocks: [1], of: [3, 1]).received == first.selecting([3, 1]))
    #expect(try outcome(attack, blocks: [1], name: "y").received != first)
    #expect(try outcome(attack, blocks: [1], seed: 2).received != first)
  }

  @Test("all agents replay one sample of another class; the same in any batch")
  func replay() throws {
    let attack = Replay(source: .otherClass)
    let first = try outcome(attack, blocks: [0, 2]).received
    for sample in 0..<5 {
      let sent = [0, 1, 42, 43, 44].map { first.embeddings[sample, $0] }
      let source = (0..<6).filter { row in [0, 1, 42, 43, 44].map { recordings.embeddings[row, $0] } == sent }
      #expect(source.count == 1 && recordings.labels[source.first ?? 0] != labels[sample])
    }
    #expect(try outcome(attack, blocks: [0, 2], of: [4, 0]).received == first.selecting([4, 0]))
  }

  @Test("one recorded row for all, counted round; without recordings nothing changes, and that is said")
  func replayedRow() throws {
    let attacked = try outcome(Replay(source: .row(8)), blocks: [0]).received
    for sample in 0..<5 {
      #expect(attacked.embeddings[row: sample].prefix(2) == recordings.embeddings[row: 2].prefix(2))
    }
    let none = try AttackPlan(missing: [], parts: [.init(attack: Replay(source: .any), blocks: [0])]).apply(
      to: clean, labels: labels, victim: model)
    #expect(none.received == clean && none.warnings == ["nothing to replay for 5 of 5 samples"])
  }

  @Test("Of several recordings each sample gets the one that does most harm, whatever its batch")
  func donors() throws {
    // All six recordings and the honest block are tried, so that the worst is known.
    let attack = Replay(source: .row(0), donors: 6)
    let found = try outcome(attack, blocks: [0, 2]).received
    func harms(_ observation: Observation) -> [Float] {
      AttackGoal.untargeted.harms(of: model.decide(observation), labels: labels)
    }
    var worst = harms(clean)
    for row in 0..<6 {
      let tried = harms(try outcome(Replay(source: .row(row)), blocks: [0, 2]).received)
      worst = zip(worst, tried).map(max)
    }
    #expect(harms(found) == worst)
    #expect(worst != harms(clean))
    #expect(try outcome(attack, blocks: [0, 2], of: [4, 0]).received == found.selecting([4, 0]))
    let drawn = Replay(source: .otherClass, donors: 3)
    let first = try outcome(drawn, blocks: [1]).received
    #expect(try outcome(drawn, blocks: [1], of: [2, 3]).received == first.selecting([2, 3]))
    #expect(zip(harms(first), harms(try outcome(Replay(), blocks: [1]).received)).allSatisfy { $0 >= $1 })
  }

  @Test("One recording is sent blindly; to know the worst of several takes the defence's decisions")
  func replayKnowledge() {
    #expect(Replay().knowledge == .nothing && Replay().aim == nil)
    #expect(Replay(donors: 2).knowledge == .decisions && Replay(donors: 2).aim == .untargeted)
    #expect(AttackKnowledge.allCases == AttackKnowledge.allCases.sorted())
  }

  @Test("the change is measured over the blocks that lied")
  func changeNorm() throws {
    let outcome = try outcome(ConstantEmbedding(value: 0), blocks: [0, 2])
    let expected = (0..<5).map { sample in
      [0, 1, 42, 43, 44].reduce(0.0) { sum, column in
        sum + Double(clean.embeddings[sample, column]) * Double(clean.embeddings[sample, column])
      }.squareRoot()
    }
    #expect(abs((outcome.changeNorm ?? 0) - expected.reduce(0, +) / 5) < 1e-5)
    #expect(outcome.compromised == [0, 2] && outcome.missing.isEmpty && outcome.strategy == nil)
    let silent = try AttackPlan(missing: [1], parts: []).apply(to: clean, labels: labels, victim: model)
    #expect(silent.changeNorm == nil && silent.missing == [1])
  }
}
