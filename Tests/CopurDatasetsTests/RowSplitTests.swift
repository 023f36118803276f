import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

@Suite("Rows for training and for the test")
struct RowSplitTests {
  private let folder: TemporaryFolder

  /// Each row's feature is its number.
  private static let text = """
    a,b,state,person,taken,part
    0,0,ok,ann,2026-01-01,train
    1,0,worn,bob,2026-01-02,train
    2,0,,ann,2026-01-03,train
    3,0,worn,cem,2026-01-01T12:00:00Z,check
    4,0,ok,bob,2026-01-04 08:00:00,test
    5,0,ok,dan,2026-01-05,test
    6,0,worn,ann,2026-01-06,test
    """

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, to name: String = "t.csv") throws {
    try Data(text.utf8).write(to: URL(filePath: folder.path).appending(path: name))
  }

  private func load(_ change: (inout RowSplit) -> Void) throws -> Dataset {
    var split = RowSplit()
    change(&split)
    let table = CSVTable(
      file: "t.csv", label: "state", classes: ["ok", "worn"], split: split,
      agents: [.init(name: try AgentID("p"), columns: ["a"]), .init(name: try AgentID("q"), columns: ["b"])])
    let source = DatasetSource(table)
    // As bundles keep it.
    #expect(try JSONDecoder().decode(DatasetSource.self, from: JSONEncoder().encode(source)) == source)
    return try source.load(from: folder.directory)
  }

  /// The numbers of the test's rows; all others with a label are for training, in the file's order.
  private func tests(_ change: (inout RowSplit) -> Void) throws -> [Float] {
    let dataset = try load(change)
    func numbers(_ rows: LabelledRows) -> [Float] { (0..<rows.features.rows).map { rows.features[$0, 0] } }
    let test = numbers(dataset.test)
    #expect(numbers(dataset.train) == [0, 1, 3, 4, 5, 6].filter { !test.contains($0) } && test == test.sorted())
    #expect(dataset.notes.contains { $0.contains("1 rows have no label and are left out") })
    return test
  }

  @Test("by number, a column's values, a time or a number, subjects, or at random")
  func rules() throws {
    try write(Self.text)
    #expect(try tests { $0.trainRows = 2 } == [3, 4, 5, 6])
    let byValue = try tests {
      $0.column = "part"
      $0.testValues = ["test", "check"]
    }
    #expect(byValue == [3, 4, 5, 6])
    let byTime = try tests {
      $0.column = "taken"
      $0.testFrom = "2026-01-04T08:00:00Z"
    }
    #expect(byTime == [4, 5, 6])
    let byNumber = try tests {
      $0.column = "a"
      $0.testFrom = "4.5"
    }
    #expect(byNumber == [5, 6])
    // Whole subjects: ann has rows 0 and 6, bob 1 and 4. The same seed draws the same.
    var drawn: Set<[Float]> = []
    for seed in 0..<20 {
      func draw() throws -> [Float] {
        try tests {
          $0.column = "person"
          $0.testShare = 0.25
          $0.seed = seed
        }
      }
      guard let rows = try? draw() else { continue }
      #expect(rows == (try draw()) && [[0, 6], [1, 4], [3], [5]].contains(rows))
      drawn.insert(rows)
    }
    #expect(drawn.count > 1)
    let random = try tests { $0.testShare = 0.34 }
    #expect(random.count == 2)
  }

  @Test("by a second file, whose rows are the test")
  func secondFile() throws {
    try write(Self.text)
    try write("state,b,a\nok,0,7\nworn,0,8\n", to: "later.csv")
    let dataset = try load { $0.testFile = "later.csv" }
    #expect(dataset.train.labels == [0, 1, 1, 0, 0, 1] && dataset.test.labels == [0, 1])
    #expect(dataset.test.features[1, 0] == 8)
    // Which files there are, and what is in them, is part of what the data set is.
    let digest = dataset.digest
    try write("state,b,a\nok,0,7\nworn,0,9\n", to: "later.csv")
    #expect(try load { $0.testFile = "later.csv" }.digest != digest)
    try write("state,b,a\n,0,7\n", to: "later.csv")
    let error = #expect(throws: CopurError.self) { try load { $0.testFile = "later.csv" } }
    #expect(error?.message.contains("later.csv: a table has rows with a label (actual: none)") == true)
  }

  @Test("What leaves a part empty, or does not fit the column, is said")
  func errors() throws {
    try write(Self.text)
    func expect(_ words: String, _ change: @escaping (inout RowSplit) -> Void) {
      let error = #expect(throws: CopurError.self) { try load(change) }
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
    expect(#"no column "persn"; did you mean "person"?"#) {
      $0.column = "persn"
      $0.testShare = 0.5
    }
    expect(#"test_values are values of column "part" (never there: "tests"); did you mean "test"?"#) {
      $0.column = "part"
      $0.testValues = ["tests"]
    }
    expect("test_from leaves rows to train on and rows to test on (labelled rows: 6, of them the test: 0)") {
      $0.column = "taken"
      $0.testFrom = "2027-01-01"
    }
    expect(#"column "person": expected a date and time of ISO 8601, as test_from is (actual: "ann")"#) {
      $0.column = "person"
      $0.testFrom = "2027-01-01"
    }
    expect(#"column "taken": expected a number, as test_from is"#) {
      $0.column = "taken"
      $0.testFrom = "3"
    }
    expect(#"the training rows have every class (never there: "worn")"#) { $0.trainRows = 1 }
    try write("a,b,state,person\n1,0,ok,ann\n2,0,worn,\n3,0,ok,bob\n")
    expect(#"t.csv:3: column "person": expected what says whether a row with a label is the test's"#) {
      $0.column = "person"
      $0.testShare = 0.5
    }
  }

  @Test("Arrays of NumPy are a table")
  func arrays() throws {
    func npy(_ type: String, _ shape: String, _ body: [UInt8]) -> [UInt8] {
      var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
      header += String(repeating: " ", count: 64 - (header.count + 11) % 64) + "\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + Array(header.utf8) + body
    }
    func floats(_ values: [Float]) -> [UInt8] {
      values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    }
    let whole = npy("<f4", "(3, 3)", floats([1, 2, 0, 3, .nan, 1, 5, 6, 0]))
    try Data(whole).write(to: URL(filePath: folder.path).appending(path: "t.npy"))
    func table(_ file: String, label: String, _ columns: [String]) throws -> Dataset {
      let table = CSVTable(
        file: file, label: label, classes: ["0", "1"], trainRows: 2,
        agents: try zip(["p", "q"], columns).map { .init(name: try AgentID($0), columns: [$1]) })
      return try DatasetSource(table).load(from: folder.directory)
    }
    let dataset = try table("t.npy", label: "x_2", ["x_0", "x_1"])
    #expect(dataset.train.labels == [0, 1] && dataset.test.labels == [0] && dataset.featureNames == ["x_0", "x_1"])
    #expect(dataset.train.features[0, 1] == 2 && dataset.train.features[1, 1].isNaN && dataset.test.features[0, 1] == 6)
    let missing = #expect(throws: CopurError.self) { try table("t.npy", label: "x_9", ["x_0", "x_1"]) }
    #expect(missing?.message.contains(#"no column "x_9""#) == true)
    let wrong = #expect(throws: CopurError.self) { try table("t.npy", label: "x_1", ["x_0", "x_2"]) }
    #expect(wrong?.message.contains(#"row 0: column "x_1": expected one of the classes 0, 1"#) == true)
    try Data(npy("<f4", "(1, 1, 1)", floats([1]))).write(to: URL(filePath: folder.path).appending(path: "t.npy"))
    let cube = #expect(throws: CopurError.self) { try table("t.npy", label: "x_2", ["x_0", "x_1"]) }
    #expect(cube?.message.contains("one dimension or two (actual: x [1, 1, 1])") == true)
  }
}
