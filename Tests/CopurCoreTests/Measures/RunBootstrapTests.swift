import CopurCore
import Testing

@Suite("Bootstrap over runs of consecutive rows")
struct RunBootstrapTests {
  /// Rows that come in runs of equal ones: `pattern` says whether each run is right.
  private func rows(_ pattern: [Bool], length: Int) -> [Bool] {
    pattern.flatMap { [Bool](repeating: $0, count: length) }
  }

  @Test("Runs that are right or wrong as a whole: the deviation of a mean of so many draws", arguments: [16, 50])
  func wholeRuns(count: Int) {
    // A quarter of the runs is wrong, so that a sample's mean has variance p·(1 − p) / runs.
    let pattern = (0..<count).map { $0 % 4 != 0 }
    let share = Double(pattern.count { $0 }) / Double(count)
    let estimate = RunBootstrap(samples: 20_000, seed: 3).accuracy(rows(pattern, length: 30))
    #expect(estimate.value == share)
    let expected = (share * (1 - share) / Double(count)).squareRoot()
    #expect(abs(estimate.deviation / expected - 1) < 0.03, "\(estimate.deviation), expected \(expected)")
    // A binomial's percentiles are within a step of the normal ones.
    #expect(abs(estimate.interval.lowerBound - (share - 1.96 * expected)) < 1.5 / Double(count))
    #expect(abs(estimate.interval.upperBound - (share + 1.96 * expected)) < 1.5 / Double(count))
  }

  @Test("Two runs, one right: a quarter of the samples has both right, a quarter neither")
  func twoRuns() {
    let estimate = RunBootstrap(samples: 20_000).accuracy(rows([true, false], length: 30))
    #expect(abs(estimate.deviation - 0.125.squareRoot()) < 0.01)
    #expect(estimate.value == 0.5 && estimate.interval == 0...1)
  }

  @Test("The same rows, alike within a run or not: only the first are uncertain")
  func alike() {
    let together = rows((0..<20).map { $0 % 2 == 0 }, length: 30)
    let apart = together.indices.map { $0 % 2 == 0 }
    #expect(RunBootstrap().accuracy(apart).deviation == 0)
    #expect(RunBootstrap().accuracy(together).deviation > 0.09)
    #expect(RunBootstrap(length: 1).accuracy(together).deviation < 0.03)
  }

  @Test("Balanced: the mean over the classes, of those that a sample has")
  func balanced() {
    let labels = [0, 0, 0, 1, 7]
    let right = [true, true, false, true, false]
    let estimate = RunBootstrap(length: 2).balancedAccuracy(right, labels: labels)
    #expect(
      estimate.value == Metrics.balancedAccuracy(labels: labels, predictions: zip(labels, right).map { $1 ? $0 : nil }))
    #expect(estimate.interval.contains(estimate.value) && estimate.deviation > 0)
    // One class alone is plain accuracy.
    #expect(
      RunBootstrap(length: 2).balancedAccuracy(right, labels: [3, 3, 3, 3, 3])
        == RunBootstrap(length: 2).accuracy(right))
  }

  @Test("It follows from the seed, and of one run nothing is known")
  func seeds() {
    let right = rows([true, false, true, true, false], length: 7)
    #expect(RunBootstrap(length: 7).accuracy(right) == RunBootstrap(length: 7).accuracy(right))
    #expect(RunBootstrap(length: 7).accuracy(right) != RunBootstrap(length: 7, seed: 1).accuracy(right))
    #expect(RunBootstrap(length: 100).accuracy(right).deviation == 0)
  }
}

extension RunBootstrapTests {
  @Test("A gain is the difference of the means of accuracy and balanced accuracy, certain where no row differs")
  func gain() {
    let labels = (0..<120).map { $0 % 4 == 0 ? 1 : 0 }
    let one = labels.map { $0 == 0 }
    let none = labels.map { _ in false }
    let bootstrap = RunBootstrap(length: 10, samples: 200)
    let gain = bootstrap.gain(of: one, over: none, labels: labels)
    // Three quarters of the rows, one of two classes.
    #expect(abs(gain.value - (0.75 + 0.5) / 2) < 1e-12)
    #expect(bootstrap.gain(of: one, over: one, labels: labels) == (0, 0))
    #expect(abs(bootstrap.gain(of: none, over: one, labels: labels).value + gain.value) < 1e-12)
    #expect(gain.deviation < 0.05)
    #expect(abs(bootstrap.gain(of: one, over: none, labels: labels, balancedShare: 1).value - 0.5) < 1e-12)
    #expect(abs(bootstrap.gain(of: one, over: none, labels: labels, balancedShare: 0).value - 0.75) < 1e-12)
  }
}
