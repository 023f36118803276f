import CopurCore
import CopurNumerics
import CopurPurification
import Testing

@Suite("Limits by order statistics")
struct OrderStatisticTests {
  @Test("the k-th smallest of n for k = ⌈(n + 1)(1 − rate)⌉, by hand")
  func limits() {
    let values = (1...99).map(Float.init).reversed()
    #expect(OrderStatistic.limit(of: Array(values), falseAlarmRate: 0.01) == 99)
    #expect(OrderStatistic.limit(of: Array(values), falseAlarmRate: 0.1) == 90)
    #expect(OrderStatistic.limit(of: Array(values.prefix(98)), falseAlarmRate: 0.01) == .greatestFiniteMagnitude)
    #expect(OrderStatistic.limit(of: [], falseAlarmRate: 0.01) == .greatestFiniteMagnitude)
  }

  /// Pooled quantiles promised one false alarm in a hundred and gave twelve: the next day was none of the pooled ones.
  @Test("over runs: the worst one's, and as much more as it is over the others, twice at most; by hand")
  func runs() {
    func run(_ largest: Float) -> [Float] { (1...200).map { largest * Float($0) / 200 } }
    #expect(abs(OrderStatistic.limit(ofRuns: [run(4), run(5), run(3)], falseAlarmRate: 0.005) - 6.25) < 1e-4)
    #expect(OrderStatistic.limit(ofRuns: [run(1), run(50)], falseAlarmRate: 0.005) == 100)
    // One run has no margin, a short one its largest value, and what says nothing has no say.
    #expect(OrderStatistic.limit(ofRuns: [[3, 1], []], falseAlarmRate: 0.005) == 3)
    #expect(OrderStatistic.limit(ofRuns: [[], []], falseAlarmRate: 0.005) == .greatestFiniteMagnitude)
    #expect(OrderStatistic.promised(0.01, values: 400) == 0.01 && OrderStatistic.promised(0.01, values: 19) == 0.05)
  }

  /// The known sample size of a 95 % / 95 % tolerance bound by the largest value is 59, by the second largest 93.
  @Test("a rate with a confidence, by the tables of tolerance limits")
  func bounds() throws {
    let values = (1...93).map(Double.init)
    let largest = try #require(OrderStatistic.upperBound(of: Array(values.prefix(59)), rate: 0.95, confidence: 0.95))
    #expect(largest.value == 59 && largest.confidence >= 0.95)
    #expect(
      try #require(OrderStatistic.upperBound(of: Array(values.prefix(92)), rate: 0.95, confidence: 0.95)).value == 92)
    #expect(try #require(OrderStatistic.upperBound(of: values, rate: 0.95, confidence: 0.95)).value == 92)
    let few = try #require(OrderStatistic.upperBound(of: [3, 1], rate: 0.9, confidence: 0.95))
    #expect(few.value == 3 && abs(few.confidence - 0.19) < 1e-12)
    #expect(OrderStatistic.upperBound(of: [], rate: 0.9, confidence: 0.95) == nil)
  }
}

@Suite("Gate")
struct EmbeddingGateTests {
  private static let layout = BlockLayout(widths: [4, 6, 3, 5, 4])

  /// Blocks on a plane each, off the origin: clean embeddings of linear extractors of two features.
  private static func clean(rows: Int, seed: UInt64) -> Matrix {
    var weights = SeededGenerator(seed: 77)
    let directions = (0..<layout.count).map { weights.normalMatrix(rows: 2, columns: layout.widths[$0]) }
    var generator = SeededGenerator(seed: seed)
    var embeddings = Matrix(rows: rows, columns: layout.totalWidth)
    for block in 0..<layout.count {
      var values = Matrix.product(generator.normalMatrix(rows: rows, columns: 2), directions[block])
      values.addToEachRow([Float](repeating: 0.5, count: layout.widths[block]))
      embeddings.replaceColumns(layout[block], with: values)
    }
    return embeddings
  }

  private static func gate(rate: Double) throws -> EmbeddingGate {
    let calibrator = Calibrator(
      layout: layout,
      folds: try (0..<4).map {
        try Calibrator.Fold(
          training: Observation(layout: layout, embeddings: clean(rows: 400, seed: 10 + $0)),
          heldOut: Observation(layout: layout, embeddings: clean(rows: 500, seed: 20 + $0)))
      }, falseAlarmRate: rate)
    return EmbeddingGate(
      profiles: try EmbeddingProfile.fitting(clean(rows: 500, seed: 3), layout: layout), limits: calibrator.gateLimits()
    )
  }

  @Test("it stops no more clean blocks than was chosen (half of the rate; the residuals have the other half)")
  func falseAlarms() throws {
    let passage = try Self.gate(rate: 0.04).apply(
      to: Observation(layout: Self.layout, embeddings: Self.clean(rows: 4_000, seed: 99)))
    for block in 0..<Self.layout.count {
      let stopped = (0..<4_000).count { passage.outside[$0 * Self.layout.count + block] }
      // The margin of the worst run over the others makes it fewer.
      #expect((1...100).contains(stopped), "agent \(block): \(stopped) of 4000, promised 80")
    }
  }

  /// On one user's data the limit of an agent was 13,816: whatever it sent was let through, and nothing said so.
  @Test("no limit is so wide that it lets everything through")
  func noOpenDoor() throws {
    var wild = Self.clean(rows: 500, seed: 30)
    for column in Self.layout[2] { wild[17, column] *= 1e5 }
    let calibrator = Calibrator(
      layout: Self.layout,
      folds: [
        try Calibrator.Fold(
          training: Observation(layout: Self.layout, embeddings: Self.clean(rows: 400, seed: 10)),
          heldOut: Observation(layout: Self.layout, embeddings: wild))
      ], falseAlarmRate: 0.002)
    #expect(calibrator.wantedGateLimits()[2] > 1000)
    #expect(calibrator.gateLimits()[2] == Calibrator.widestGate)
    #expect(calibrator.gateLimits()[1] < Calibrator.widestGate)
  }

  @Test("a block that is too long, or off the agent's subspace, is taken as missing; others are left as they are")
  func withholds() throws {
    let embeddings = Self.clean(rows: 1, seed: 5)
    let observation = Observation(layout: Self.layout, embeddings: embeddings)
    let gate = try Self.gate(rate: 0.01)
    #expect(gate.apply(to: observation).outcomes == [.passed])
    var flipped = observation
    flipped.set(block: 1, of: 0, to: Self.layout[1].map { -10 * embeddings[0, $0] })
    flipped.set(block: 3, of: 0, to: Self.layout[3].enumerated().map { embeddings[0, $1] + ($0 % 2 == 0 ? 1 : -1) })
    let passage = gate.apply(to: flipped)
    #expect(passage.outcomes == [.withheld] && passage.outside == [false, true, false, true, false])
    #expect(passage.observation.observed == [true, false, true, false, true])
    var never = observation
    never.withhold(block: 1)
    never.withhold(block: 3)
    #expect(passage.observation == never)
  }

  @Test("it never leaves less than half of those that spoke, and says so; missing agents are not outside")
  func overruled() throws {
    let embeddings = Self.clean(rows: 1, seed: 5)
    var observation = Observation(layout: Self.layout, embeddings: embeddings)
    observation.withhold(block: 0)
    let gate = try Self.gate(rate: 0.01)
    for (count, outcome) in [(1, GateOutcome.withheld), (2, .withheld), (3, .overruled)] {
      var attacked = observation
      for block in 1...count {
        attacked.set(block: block, of: 0, to: Self.layout[block].map { 3e38 * (embeddings[0, $0] > 0 ? 1 : -1) })
      }
      let passage = gate.apply(to: attacked)
      #expect(passage.outcomes == [outcome] && passage.outside.count { $0 } == count && !passage.outside[0])
      #expect(outcome == .withheld || passage.observation == attacked)
    }
    #expect(gate.apply(to: Observation(layout: Self.layout, samples: 1)).outcomes == [.passed])
  }
}

@Suite("Calibrator")
struct CalibratorTests {
  @Test("clean rows leave residuals and errors under the limits as often as was chosen")
  func rates() throws {
    let problem = try SyntheticManifold(widths: [5, 5, 5, 5, 5, 5], dimension: 2, samples: 4_000, seed: 4)
    var generator = SeededGenerator(seed: 6)
    var rows = problem.truth
    rows.add(generator.normalMatrix(rows: 4_000, columns: 30, standardDeviation: 0.2))
    func part(_ range: Range<Int>) -> Observation {
      Observation(layout: problem.layout, embeddings: rows.selecting(rows: range))
    }
    let folds = try (0..<2).map {
      try Calibrator.Fold(
        training: part($0 * 500..<($0 + 1) * 500), heldOut: part(1000 + $0 * 500..<1500 + $0 * 500))
    }
    let calibrator = Calibrator(layout: problem.layout, folds: folds, falseAlarmRate: 0.02)
    let manifolds = try folds.map {
      try LinearManifold(fitting: $0.training.embeddings, layout: problem.layout, dimension: 2)
    }
    let final = try LinearManifold(fitting: part(0..<1000).embeddings, layout: problem.layout, dimension: 2)
    let purifier = GatedPurifier(purifier: Purifier(manifold: final))
    let limits = calibrator.residualLimits(
      purifiers: manifolds.map { GatedPurifier(purifier: Purifier(manifold: $0)) }, final: purifier,
      training: part(0..<1000))
    let fresh = part(2000..<4000)
    let reports = purifier.purify(fresh).purification.reports
    for block in 0..<6 {
      let alarms = reports.count { $0.residuals[block] ?? 0 > limits[block] }
      #expect((10...90).contains(alarms), "agent \(block): \(alarms) of 2000, wanted 40")
    }
    let bound = try #require(
      calibrator.reconstructionBound(manifolds: manifolds, final: final, training: part(0..<1000), rate: 0.9))
    #expect(bound.confidence >= 0.95 && bound.rate == 0.9)
    let projected = final.project(fresh.embeddings)
    let under = (0..<2000).count { row in
      let error = (0..<6).reduce(0.0) { sum, block in
        sum
          + problem.layout[block].reduce(0.0) {
            let gap = Double(fresh.embeddings[row, $1] - projected[row, $1])
            return $0 + gap * gap
          }.squareRoot()
      }
      return error <= bound.value
    }
    #expect((1780...1900).contains(under), "\(under) of 2000, wanted 1800 or a little more")
  }
}
