import CopurCore
import CopurDatasets
import CopurNumerics
import Testing

/// The notes on columns by training rows, before anything is learned.
struct ColumnExaminationTests {
  /// Two agents with three columns each, of noise that is made from the row's number.
  private func notes(_ change: (inout Matrix, [Int]) -> Void) throws -> [String] {
    let labels = (0..<40).map { $0 % 3 == 0 ? 1 : 0 }
    var features = SeededGenerator.noise(rows: 40, columns: 6)
    change(&features, labels)
    let rows = LabelledRows(features: features, labels: labels)
    return ColumnExamination(
      Dataset(
        name: "t", roster: try AgentRoster(agents: [AgentID("p"), AgentID("q")], widths: [3, 3]),
        featureNames: (0..<6).map { "x\($0)" }, classNames: ["no", "yes"], train: rows, test: rows, digest: "")
    ).notes
  }

  private func set(_ matrix: inout Matrix, _ column: Int, _ value: (Int) -> Float) {
    for row in 0..<matrix.rows { matrix[row, column] = value(row) }
  }

  @Test("Of columns that are as they should be there is nothing to say")
  func nothing() throws { #expect(try notes { _, _ in } == []) }

  @Test("Columns that say nothing are named with their agents")
  func silent() throws {
    let found = try notes { features, _ in
      set(&features, 1) { _ in 101_325 }
      set(&features, 4) { _ in .nan }
    }
    #expect(found.count == 2)
    #expect(found[0].contains("without a reading") && found[0].hasSuffix("x4 (agent q)"))
    #expect(found[1].contains("without any spread") && found[1].hasSuffix("x1 (agent p)"))
  }

  @Test("The label under another name, and a column that two agents hold")
  func saysTooMuch() throws {
    let found = try notes { features, labels in
      set(&features, 2) { labels[$0] == 1 ? 7 : -3 }
      let other = features
      set(&features, 5) { other[$0, 0] }
    }
    #expect(found.count == 2)
    #expect(found[0].contains("say the label by themselves") && found[0].hasSuffix("x2 (agent p)"))
    #expect(found[1].contains("x0 (agent p) and x5 (agent q)"))
  }

  @Test("Values that differ by less than single precision keeps")
  func coarse() throws {
    let found = try notes { features, _ in set(&features, 3) { 1e6 + Float($0 % 5) } }
    #expect(found.count == 1 && found[0].contains("take an offset off") && found[0].hasSuffix("x3 (agent q)"))
  }
}

extension SeededGenerator {
  fileprivate static func noise(rows: Int, columns: Int) -> Matrix {
    var generator = SeededGenerator(seed: 5)
    return generator.normalMatrix(rows: rows, columns: columns, standardDeviation: 1)
  }
}
