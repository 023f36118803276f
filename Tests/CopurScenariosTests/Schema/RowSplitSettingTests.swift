import CopurDatasets
import CopurScenarios
import Testing

@Suite("Keys that divide a table's rows")
struct RowSplitSettingTests {
  private func parse(_ keys: String) throws -> CSVTable {
    let text = """
      name: s
      dataset:
        { kind: csv, file: t.csv, label: y, classes: [no, yes], agents: { a: [x], b: [z] }, \(keys) }
      attacks: [{ name: clean }]
      """
    let scenario = try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
    return try #require(scenario.dataset.dataset as? CSVTable)
  }

  @Test("One rule is read, with the keys that go with it")
  func read() throws {
    #expect(try parse("train_rows: 5").split == RowSplit(trainRows: 5))
    #expect(try parse("test_file: later.csv").split.testFile == "later.csv")
    let byValue = try parse("split_by: part, test_values: [test, 7]").split
    #expect(byValue.column == "part" && byValue.testValues == ["test", "7"])
    #expect(try parse("split_by: taken, test_from: 2026-01-04T08:00:00Z").split.testFrom == "2026-01-04T08:00:00Z")
    #expect(try parse("split_by: taken, test_from: 2026-01-04").split.testFrom == "2026-01-04")
    #expect(try parse("split_by: taken, test_from: 17.5").split.testFrom == "17.5")
    let drawn = try parse("split_by: person, test_share: 0.25, split_seed: 3").split
    #expect(drawn.testShare == 0.25 && drawn.seed == 3)
    #expect(try parse("test_share: 0.25").split.column == nil)
  }

  @Test(
    "None, two, or keys that do not go together are errors at the key",
    arguments: [
      ("silent: 0.5", "by one of train_rows, test_file, test_values, test_from and test_share (actual: none)"),
      ("train_rows: 5, test_share: 0.5", "(actual: train_rows, test_share)"),
      ("test_values: [a]", "test_values needs split_by, the column that it looks at"),
      ("test_from: 5", "test_from needs split_by"),
      ("train_rows: 5, split_by: part", "split_by goes with test_values, test_from or test_share (actual: train_rows)"),
      ("train_rows: 5, split_seed: 1", "split_seed goes with test_share (actual: train_rows)"),
      ("test_share: 1", "test_share leaves rows to train on: under 1"),
      ("test_share: 0", "(actual: 0"),
    ])
  func refused(_ keys: String, _ words: String) {
    let error = #expect(throws: ScenarioError.self) { try parse(keys) }
    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
  }
}
