import CopurCore
import CopurNumerics

/// Rows whose features follow from two hidden numbers, so that agents know of each other's.
enum SyntheticRows {
  static let agents = ["a", "b", "c", "d"]

  /// - Parameters:
  ///   - seed: Gives the training rows.
  ///   - testSeed: Gives the test rows.
  static func dataset(rows: Int = 160, seed: UInt64 = 1, testSeed: UInt64 = 2) throws -> Dataset {
    let roster = try AgentRoster(agents: agents.map { try AgentID($0) }, widths: [3, 3, 3, 3])
    return Dataset(
      name: "synthetic", roster: roster, featureNames: (0..<12).map { "x\($0)" }, classNames: ["low", "high"],
      train: rowsOf(rows, seed: seed), test: rowsOf(40, seed: testSeed), digest: "digest")
  }

  private static func rowsOf(_ count: Int, seed: UInt64) -> LabelledRows {
    var mixing = SeededGenerator(seed: 0, purpose: "mixing")
    let weights = (0..<12).map { _ in (Float(mixing.normal()), Float(mixing.normal())) }
    var generator = SeededGenerator(seed: seed, purpose: "rows")
    var labels: [Int] = []
    let rows = (0..<count).map { _ in
      let hidden = (Float(generator.normal()), Float(generator.normal()))
      labels.append(hidden.0 + hidden.1 > 0 ? 1 : 0)
      return weights.map { $0.0 * hidden.0 + $0.1 * hidden.1 + 0.05 * Float(generator.normal()) }
    }
    return LabelledRows(features: Matrix(rows), labels: labels)
  }
}
