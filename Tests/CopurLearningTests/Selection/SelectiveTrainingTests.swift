import CopurLearning
import CopurNumerics
import Testing

@Suite("Trainings that leave rows out")
struct SelectiveTrainingTests {
  /// A model that doubts rows by their number and notes which ones it was given.
  private struct Recorder: SelectableModel {
    var steps: [[Int]] = []
    var factor: Float = 1

    mutating func doubts(about rows: [Int]) -> [Float] { rows.map { factor * Float($0) } }

    mutating func step(on rows: [Int], seed: UInt64) -> Float {
      steps.append(rows)
      return 0
    }
  }

  @Test("the smallest values are kept, the first of equal ones, NaN last")
  func least() {
    #expect(RowSelection.least([3, 1, 2, 1], kept: 2) == [1, 3])
    #expect(RowSelection.least([1, 1, 1], kept: 2) == [0, 1])
    #expect(RowSelection.least([.nan, 5, .nan], kept: 2) == [0, 1])
    #expect(RowSelection.least([2, 1], kept: 9) == [0, 1])
    #expect(RowSelection.count(0.7, of: 10) == 7)
    #expect(RowSelection.count(0.7, of: 1) == 1)
    #expect(RowSelection.count(0, of: 5) == 1)
  }

  @Test("the kept share falls evenly, from 1 to 1 − ε")
  func share() {
    let share = KeptShare(leftOut: 0.4, over: 4)
    #expect((0..<6).map { share[$0] } == [1, 0.9, 0.8, 0.7, 0.6, 0.6].map { $0 })
    #expect(KeptShare(leftOut: 0.3, over: 0)[0] == 0.7)
  }

  @Test("a single model steps on what it doubts least, and two step on what the other one kept")
  func exchange() throws {
    let half = KeptShare(leftOut: 0.5, over: 0)
    var generator = SeededGenerator(seed: 1)
    var alone = [Recorder()]
    try SelectiveTraining(share: half, exchanges: false, epochs: 1, batch: 10).train(
      &alone, rows: 10, using: &generator)
    #expect(Set(alone[0].steps[0]) == [0, 1, 2, 3, 4])
    var pair = [Recorder(), Recorder(factor: -1)]
    try SelectiveTraining(share: half, exchanges: true, epochs: 1, batch: 10).train(&pair, rows: 10, using: &generator)
    #expect(Set(pair[0].steps[0]) == [5, 6, 7, 8, 9])
    #expect(Set(pair[1].steps[0]) == [0, 1, 2, 3, 4])
  }

  @Test("every row has its turn in an epoch, the last batch too")
  func wholeEpoch() throws {
    var generator = SeededGenerator(seed: 2)
    var models = [Recorder()]
    try SelectiveTraining(share: KeptShare(leftOut: 0, over: 0), exchanges: false, epochs: 2, batch: 4).train(
      &models, rows: 10, using: &generator)
    #expect(models[0].steps.map(\.count) == [4, 4, 2, 4, 4, 2])
    #expect(Set(models[0].steps[..<3].joined()) == Set(0..<10))
  }

  @Test("the probability of being selected (Eq. 2.1) is what a simulation gives", arguments: [1, 3, 5, 8, 12])
  func probability(rank: Int) {
    let (rows, batch, kept, trials) = (12, 6, 3, 20_000)
    var generator = SeededGenerator(seed: UInt64(rank))
    var selected = 0
    for _ in 0..<trials {
      let drawn = generator.permutation(rows).prefix(batch).sorted()
      if drawn.prefix(kept).contains(rank - 1) { selected += 1 }
    }
    let expected = SelectionProbability.ofRow(rank: rank, rows: rows, batch: batch, kept: kept)
    // Four standard errors.
    let error = 4 * (expected * (1 - expected) / Double(trials)).squareRoot() + 1e-9
    #expect(abs(Double(selected) / Double(trials) - expected) <= error)
  }
}
