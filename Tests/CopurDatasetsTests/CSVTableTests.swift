import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

struct CSVTableTests {
  private let folder: TemporaryFolder
  private static let text = """
    t1,state,x_2,x_1,note
    1.5,ok,2,,
    3,worn,4,5,
    ,,9,9,
    -1,ok,nan,7,"a, b"
    """

  init() throws { folder = try TemporaryFolder() }

  private func table(
    file: String = "m.csv", label: String = "state", classes: [String] = ["ok", "worn"], trainRows: Int = 2,
    columns: [String] = ["x_*"]
  ) throws -> DatasetSource {
    DatasetSource(
      CSVTable(
        file: file, label: label, classes: classes, trainRows: trainRows,
        agents: [
          .init(name: try AgentID("b"), columns: columns), .init(name: try AgentID("a"), columns: ["t1"]),
        ]))
  }

  private func write(_ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: folder.path).appending(path: "m.csv"))
  }

  @Test(
    "Columns go to agents, the first labelled rows to training; empty cells are missing, rows without label left out")
  func rows() throws {
    try write(Self.text)
    let source = try table()
    let dataset = try source.load(from: folder.directory)
    #expect(dataset.roster.agents.map(\.name) == ["b", "a"] && dataset.roster.layout.widths == [2, 1])
    #expect(dataset.featureNames == ["x_2", "x_1", "t1"] && dataset.classNames == ["ok", "worn"])
    #expect(dataset.train.labels == [0, 1] && dataset.test.labels == [0])
    #expect(dataset.train.features[0, 0] == 2 && dataset.train.features[0, 1].isNaN)
    #expect(dataset.train.features[0, 2] == 1.5 && dataset.train.features[1, 2] == 3)
    #expect(dataset.test.features[0, 0].isNaN && dataset.test.features[0, 1] == 7)
    // One of agent b's columns is a reading; of `ok` alone nothing is absent.
    #expect(
      dataset.silence == .all
        && dataset.silence.presence(in: dataset.train.features, layout: dataset.roster.layout).allSatisfy { $0 })
    let half = dataset.with(silence: try SilenceRule(share: 0.5))
    #expect(half.silence.presence(in: half.train.features, layout: half.roster.layout) == [false, true, true, true])
    // By its path, too, and as one agent.
    let named = try table(file: "\(folder.path)/m.csv")
    let one = try named.load(from: DataDirectory(roots: []), agents: [try AgentID("a")])
    #expect(one.featureNames == ["t1"])
    #expect(try JSONDecoder().decode(DatasetSource.self, from: JSONEncoder().encode(source)) == source)
  }

  @Test("What is wrong is said with the value")
  func errors() throws {
    try write(Self.text)
    func expect(_ message: String, _ source: DatasetSource) {
      #expect {
        try source.load(from: folder.directory)
      } throws: {
        "\($0)".contains(message)
      }
    }
    expect("no column \"stat\"; did you mean \"state\"?", try table(label: "stat"))
    expect("no column begins with \"y_\"", try table(columns: ["y_*"]))
    expect("expected one of the classes ok, or nothing (actual: \"worn\")", try table(classes: ["ok"]))
    expect("(labelled rows: 3, actual: 3)", try table(trainRows: 3))
    expect("every class (never there: \"worn\")", try table(trainRows: 1))
    expect("column \"note\": expected a finite number", try table(columns: ["note"]))
    expect("no file \"none.csv\"", try table(file: "none.csv"))
  }
}
