import CopurCore
import CopurNumerics
import CopurRobustLearning
import Testing

@Suite("Detectors")
struct DetectionTests {
  /// A plane with noise, and every twentieth row off it.
  private func table(truth: Bool = true) -> DetectionTable {
    var generator = SeededGenerator(seed: 1)
    let rows = Matrix(
      (0..<300).map { row in
        let (x, y) = (generator.uniform(0, 1), generator.uniform(0, 1))
        func noise() -> Float { 0.02 * Float(generator.normal()) }
        return row % 20 == 0 ? [x, y, 1 - x + noise(), y - x] : [x, y, x + noise(), y + noise()]
      })
    return DetectionTable(name: "plane", rows: rows, truth: truth ? (0..<300).map { $0 % 20 == 0 } : nil)
  }

  private func small(_ kind: String) -> any Detector {
    switch kind {
    case "rca":
      var rca = RCA()
      (rca.ensemble.hidden, rca.ensemble.code, rca.ensemble.epochs, rca.ensemble.passes) = (16, 2, 60, 0)
      rca.ensemble.learningRate = 0.005
      rca.ensemble.dropout = 0.1
      return rca
    case "rcva":
      var rcva = RCVA()
      (rcva.ensemble.hidden, rcva.ensemble.code, rcva.ensemble.epochs, rcva.ensemble.passes) = (16, 2, 60, 5)
      rcva.ensemble.learningRate = 0.005
      return rcva
    case "robust-realnvp":
      var flow = RobustRealNVP()
      (flow.flow.couplings, flow.flow.hidden, flow.flow.epochs, flow.flow.learningRate) = (4, 16, 40, 0.005)
      return flow
    default: return IsolationForestDetector()
    }
  }

  @Test("scores what is off higher", arguments: [("rca", 0.9), ("robust-realnvp", 0.9), ("isolation-forest", 0.6)])
  func area(kind: String, least: Double) throws {
    let outcome = try DetectionTrial.run(small(kind), on: table(), rule: .known(plus: 0), seed: 1)
    #expect(try #require(outcome.area) > least)
    #expect(outcome.rows.count == 120 && outcome.scores.count == 120)
    #expect(abs(outcome.share - 0.05) < 0.03)
  }

  @Test("a variational detector's scores are finite, and follow from the seed")
  func variational() throws {
    let one = try DetectionTrial.run(small("rcva"), on: table(), rule: .given(0.1), seed: 2)
    let other = try DetectionTrial.run(small("rcva"), on: table(), rule: .given(0.1), seed: 2)
    #expect(one.scores == other.scores && one.share == 0.1)
  }

  @Test("without a truth all rows are scored, and about the share of them called anomalies")
  func withoutTruth() throws {
    let outcome = try DetectionTrial.run(small("isolation-forest"), on: table(truth: false), rule: .given(0.1), seed: 3)
    #expect(outcome.area == nil && outcome.rows == Array(0..<300))
    #expect(outcome.scores.count { $0 >= outcome.threshold } >= 25)
    #expect(outcome.scores.count { $0 >= outcome.threshold } <= 40)
    let error = #expect(throws: CopurError.self) {
      _ = try DetectionTrial.run(small("rca"), on: table(truth: false), rule: .known(plus: 0), seed: 0)
    }
    #expect(error?.description.contains("without the truth") == true)
  }

  @Test("missing cells are filled, columns without spread do no harm, far values stay finite")
  func preparation() {
    let preparation = TablePreparation(fitting: Matrix([[0, 5, .nan], [2, 5, .nan], [.nan, 5, .nan]]))
    let prepared = preparation.apply(to: Matrix([[.nan, 5, 1], [1e30, 7, .nan]]))
    #expect(prepared.values == [0.5, 0, 1, 11, 2, 0])
  }

  @Test("an estimate of the share is near it where anomalies stand out", arguments: [0.05, 0.15, 0.3])
  func share(truth: Double) {
    var generator = SeededGenerator(seed: 4)
    let scores = (0..<2000).map { row in
      Float(abs(1 + 0.1 * generator.normal()) * (Double(row) < truth * 2000 ? 5 : 1))
    }
    #expect(abs(ShareEstimate.of(scores) - truth) < 0.03)
  }
}

@Suite("Studies of learning rules")
struct StudyTests {
  @Test(
    "trimming by any rule is far better than none on a map that contradicts",
    arguments: [LearningRule.prlL, .prlG, .coPRL])
  func regression(rule: LearningRule) throws {
    var generator = SeededGenerator(seed: 5)
    let map = generator.normalMatrix(rows: 4, columns: 2)
    let inputs = generator.normalMatrix(rows: 400, columns: 4)
    var rows = Matrix(rows: 400, columns: 6)
    rows.replaceColumns(0..<4, with: inputs)
    rows.replaceColumns(4..<6, with: Matrix.product(inputs, map))
    var settings = StudySettings(epochs: 40, batch: 50, learningRate: 0.005, share: 0.35)
    settings.hidden = 24
    let study = RegressionStudy(rows, targets: 2, seed: 1)
    func figure(_ rule: LearningRule) throws -> Double {
      try study.run(rule, corruption: .uninoise, share: 0.3, settings: settings, seed: 1)
    }
    let (robust, standard) = (try figure(rule), try figure(.standard))
    #expect(robust > 0.85 && robust > standard + 0.05, "\(robust), \(standard)")
  }

  @Test(
    "a trigger is obeyed by standard training, and bootstrap and confident learning run",
    arguments: LearningRule.allCases.filter { $0.isForClasses != false })
  func classification(rule: LearningRule) throws {
    var generator = SeededGenerator(seed: 6)
    func rows(_ count: Int) -> LabelledRows {
      let labels = (0..<count).map { $0 % 3 }
      var features = Matrix(rows: count, columns: 36)
      for row in 0..<count {
        for column in 0..<36 {
          features[row, column] = generator.uniform(0, 0.3) + (column / 6 == labels[row] ? 0.5 : 0)
        }
      }
      return LabelledRows(features: features, labels: labels)
    }
    var settings = StudySettings(epochs: 15, batch: 30, learningRate: 0.005, share: 0.2)
    settings.hidden = 16
    let study = ClassificationStudy(train: rows(240), test: rows(60), classes: 3)
    let figures = try study.run(rule, corruption: .patch, share: 0.2, settings: settings, seed: 1)
    #expect(figures.clean > 0.6)
    if rule == .standard { #expect(try #require(figures.poisoned) < 0.5) }
    settings.inner = 0.05
    #expect(try study.run(rule, corruption: .symmetric, share: 0.2, settings: settings, seed: 1).poisoned == nil)
  }
}
