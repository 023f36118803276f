import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Synchronization
import Testing

@Suite("PointwiseAttack")
struct PointwiseAttackTests {
  private let shape = ImageShape(rows: 6, columns: 6, channels: 1)

  /// Class 1 where more than a number of pixels are white, so that the fewest changes are known.
  private func counting(over limit: Int) -> PixelVictim {
    PixelVictim { pictures in
      (0..<pictures.rows).map { row in pictures[row: row].count { $0 > 0.5 } > limit ? 1 : 0 }
    }
  }

  @Test("as few pixels as it takes are changed, and none of them for nothing", arguments: [false, true])
  func minimal(setsBackBlocks: Bool) throws {
    var attack = PointwiseAttack(shape)
    (attack.setsBackBlocks, attack.restarts) = (setsBackBlocks, 2)
    let black = [Float](repeating: 0, count: 36)
    for limit in [0, 4, 11] {
      let result = try attack.attack(counting(over: limit), picture: black, label: 0, number: 0)
      #expect(result.changed?.count == limit + 1 && result.decision == 1)
      let picture = try #require(result.picture)
      #expect(result.changed == picture.indices.filter { picture[$0] != 0 })
    }
    // Noise has about as many white pixels as black ones: more than 30 it never has.
    let none = try attack.attack(counting(over: 36), picture: black, label: 0, number: 0)
    #expect(none.changed == nil && none.picture == nil && none.decision == nil)
    let already = try attack.attack(counting(over: 4), picture: black, label: 1, number: 0)
    #expect(already.changed == [] && already.decision == 0)
  }

  @Test("starts are pictures of other classes, too, and abstaining is a success")
  func starts() throws {
    // Grey fools, which noise is not.
    let victim = PixelVictim { pictures in
      (0..<pictures.rows).map { row in pictures[row: row].count { $0 == 0.5 } >= 3 ? nil : 0 }
    }
    var attack = PointwiseAttack(shape)
    let black = [Float](repeating: 0, count: 36)
    #expect(try attack.attack(victim, picture: black, label: 0, number: 0).changed == nil)
    let others = Matrix(rows: 2, columns: 36, values: black + [Float](repeating: 0.5, count: 36))
    for (labels, expected) in [([0, 1], 3), ([1, 0], nil)] as [([Int], Int?)] {
      let result = try attack.attack(victim, picture: black, label: 0, number: 0, others: (others, labels))
      #expect(result.changed?.count == expected && result.decision == nil)
    }
    attack.restarts = 0
    #expect(throws: CopurError.self) { try attack.attack(victim, picture: black, label: 0, number: 0) }
    attack = PointwiseAttack(shape, pixels: [36])
    #expect(throws: CopurError.self) { try attack.attack(victim, picture: black, label: 0, number: 0) }
  }

  @Test("the judge has the last word")
  func judge() throws {
    let black = [Float](repeating: 0, count: 36)
    let attack = PointwiseAttack(shape)
    let result = try attack.attack(
      counting(over: 4), judge: counting(over: 5), picture: black, label: 0, number: 0)
    #expect(result.changed == nil && result.evaluations > 0)
  }

  private func stripes(_ count: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { _ in Int(generator.next() % 3) }
    let rows = labels.map { label in
      (0..<36).map { pixel in Float(generator.uniform() < (pixel / 12 == label ? 0.9 : 0.2) ? 1 : 0) }
    }
    return (Matrix(rows), labels)
  }

  @Test("never under a partition's certificate, and alike in any batch", arguments: PixelPartition.Rule.allCases)
  func certificates(rule: PixelPartition.Rule) throws {
    var settings = PartitionSettings(
      shape: shape, classes: 3, agents: [Array(0..<18), Array(18..<36)], counts: [6, 5], turned: 2)
    (settings.hidden, settings.epochs, settings.batch, settings.rate) = ([8], 6, 32, 0.01)
    let (rows, labels) = stripes(300, seed: 1)
    let partition = try PixelPartition.trained(settings, on: rows, labels: labels)
    let (others, truth) = stripes(24, seed: 2)
    for (threat, pixels) in [(.anywhere, nil), (.agent(1), Array(18..<36))] as [(PixelPartition.Threat, [Int]?)] {
      let outcomes = partition.certify(others, labels: truth, by: rule, against: threat)
      var attack = PointwiseAttack(shape, pixels: pixels)
      attack.restarts = 4
      let attacks = try (0..<24).map { number in
        try attack.attack(
          partition.victim(by: rule), picture: Array(others[row: number]), label: truth[number], number: number,
          others: (rows, labels))
      }
      #expect(PixelAttackResult.contradictions(attacks, of: outcomes, countsAbstention: true) == 0)
      #expect(attacks.count { $0.changed?.isEmpty == false } > 5)
      for result in attacks {
        guard let changed = result.changed, let pixels else { continue }
        #expect(Set(changed).isSubset(of: pixels))
      }
      attack.batch = 1
      let alone = try attack.attack(
        partition.victim(by: rule), picture: Array(others[row: 3]), label: truth[3], number: 3, others: (rows, labels))
      #expect(alone.changed == attacks[3].changed && alone.picture == attacks[3].picture)
    }
  }

  @Test("never under ablation's certificate")
  func ablation() throws {
    let model = TinyAblation.white(keep: 1)
    let pictures = Matrix(Array(TinyAblation.pictures[..<16]))
    let votes = try model.votes(pictures, by: .init(choosing: 100, bounding: 2000))
    let touch = TouchProbability.table(pixels: 6, keep: 1)
    let labels = votes.map { AblationCertificate($0, touch: touch).label }
    // With an α that leaves no room for bad luck.
    let outcomes = model.certify(votes, labels: labels, by: .margin, alpha: 1e-6)
    // Black: 1 − ρ/6 is above ρ/6 for two pixels, as near as the bounds are.
    #expect(outcomes[0] == .certified(radius: 2))
    var attack = PointwiseAttack(TinyAblation.shape)
    attack.restarts = 3
    let attacks = try (0..<16).map { number in
      try attack.attack(
        model.victim(draws: 500, seed: 1, number: number, alpha: 1e-6),
        judge: model.victim(draws: 2000, seed: 2, number: number, alpha: 1e-6),
        picture: Array(pictures[row: number]), label: labels[number], number: number)
    }
    #expect(attacks.contains { $0.changed?.isEmpty == false })
    #expect(PixelAttackResult.contradictions(attacks, of: outcomes, countsAbstention: false) == 0)
  }

  @Test("an attack under a certificate is counted, the median takes failures as ∞")
  func counted() {
    func result(_ number: Int, _ changed: Int?, _ decision: Int?) -> PixelAttackResult {
      PixelAttackResult(
        number: number, changed: changed.map { Array(0..<$0) }, picture: nil, decision: decision, evaluations: 0)
    }
    let outcomes: [PixelOutcome] = [.certified(radius: 3), .wrong, .abstained, .certified(radius: 0)]
    let results = [
      result(0, 3, 1), result(0, 4, 1), result(1, 0, 1), result(3, 1, 1), result(0, 2, nil), result(3, nil, nil),
    ]
    #expect(PixelAttackResult.contradictions(results, of: outcomes, countsAbstention: true) == 2)
    #expect(PixelAttackResult.contradictions(results, of: outcomes, countsAbstention: false) == 1)
    #expect(PixelAttackResult.medianChanged(results) == 2.5)
    #expect(PixelAttackResult.medianChanged([result(0, nil, nil)]) == nil)
    #expect(PixelAttackResult.medianChanged([result(0, nil, nil), result(0, 7, 1)]) == nil)
    #expect(PixelAttackResult.medianChanged([]) == nil)
  }
}
