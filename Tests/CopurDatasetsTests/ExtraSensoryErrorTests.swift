import CopurCore
import CopurDatasets
import CopurNumerics
import Testing

/// Small files in ExtraSensory's format, each with one thing wrong.
struct ExtraSensoryErrorTests {
  private static let columns = [
    "timestamp", "raw_acc:a", "proc_gyro:a", "raw_magnet:a", "watch_acceleration:a", "watch_heading:a", "location:a",
    "audio_naive:a", "discrete:app_state:a", "lf_measurements:light", "lf_measurements:humidity",
    "discrete:time_of_day:a", "label:SITTING", "label:OR_standing", "label_source",
  ]
  private static let rows: [[String]] = (0..<8).map { row in
    let label = row == 2 ? "" : row % 2 == 0 ? "0.0" : "1.0"
    // The humidity is there in the test rows only.
    return ["\(1000 + row)"] + (0..<8).map { "\(row).\($0)" } + ["5", row < 4 ? "" : "40", "1", label, "nan", "2"]
  }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ columns: [String] = columns, _ rows: [[String]] = rows) throws -> String {
    let text = ([columns] + rows).map { $0.joined(separator: ",") }.joined(separator: "\r\n") + "\r\n"
    return try folder.write(Array(text.utf8), to: "extrasensory/AB-1.features_labels.csv")
  }

  private func load(_ user: ExtraSensory = ExtraSensory(user: "AB-1", label: "SITTING", trainRows: 4)) throws -> Dataset
  {
    try DatasetSource(user).load(from: folder.directory)
  }

  private func expectError(
    _ code: CopurError.Code, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    from body: () throws -> Dataset
  ) {
    let error = #expect(throws: CopurError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    for part in parts {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }
  }

  @Test("A whole file: unlabelled rows are left out, a sensor without a training value is, the last row is")
  func whole() throws {
    _ = try write()
    let data = try load()
    #expect(data.train.labels == [0, 1, 1])
    #expect(data.test.labels == [0, 1, 0])
    #expect(data.roster.layout.widths == [Int](repeating: 1, count: 10))
    #expect(data.featureNames.contains("lf_measurements:light"))
    #expect(!data.featureNames.contains("lf_measurements:humidity"))
    #expect(data.train.features[1, 3] == 1.3)
  }

  @Test("A phone without any low-frequency sensor keeps the columns, all of them missing")
  func noSensor() throws {
    _ = try write(Self.columns, Self.rows.map { row in row.enumerated().map { $0.offset == 9 ? "" : $0.element } })
    let data = try load()
    #expect(data.roster.layout.widths[8] == 2)
    #expect(data.train.features.columns(8..<10).values.allSatisfy { $0.isNaN })
  }

  @Test("The same content compressed is the same data")
  func digest() throws {
    let path = try write()
    let plain = try load()
    try folder.writeGzip(try FileBytes.read(path), to: "extrasensory/AB-1.features_labels.csv.gz")
    #expect(try load().digest == plain.digest)
    #expect(try load(ExtraSensory(user: "AB-1", label: "SITTING", trainRows: 5)).digest != plain.digest)
  }

  @Test("A user whose file is not there: every place, what to set, and who is there")
  func missingFile() throws {
    _ = try write()
    expectError(
      .missingInput, "\(folder.path)/extrasensory/CD.features_labels.csv.gz", "$COPUR_DATA", "--data",
      "Users found: AB-1"
    ) { try load(ExtraSensory(user: "CD", label: "SITTING")) }
    expectError(.invalidArgument, "\"../AB\"") { try load(ExtraSensory(user: "../AB", label: "SITTING")) }
  }

  @Test("A label that is not there, with the names that are near")
  func missingLabel() throws {
    let path = try write()
    expectError(.invalidArgument, "\(path): ", "(actual: \"SITING\"); did you mean \"SITTING\"?") {
      try load(ExtraSensory(user: "AB-1", label: "SITING", trainRows: 4))
    }
  }

  @Test("A column of no known sensor, and an agent without a column")
  func columns() throws {
    let path = try write(Self.columns.map { $0 == "raw_magnet:a" ? "compass:a" : $0 })
    expectError(.invalidData, "\(path):1: a column is", "(actual: \"compass:a\", column 4)") { try load() }
    _ = try write(Self.columns.map { $0 == "raw_magnet:a" ? "raw_acc:b" : $0 })
    expectError(.invalidData, "\(path):1: the agent \"magnet\" has a column \"raw_magnet:…\"") { try load() }
  }

  @Test("A cell that is no number, and a label that is neither 0 nor 1, in any row", arguments: [0, 2, 7])
  func cells(row: Int) throws {
    func changed(_ column: Int, _ value: String) -> [[String]] {
      var rows = Self.rows
      rows[row][column] = value
      return rows
    }
    let path = try write(Self.columns, changed(5, "1,5".replacing(",", with: ";")))
    expectError(.invalidData, "\(path):\(row + 2): column \"watch_heading:a\"", "(actual: \"1;5\")") { try load() }
    _ = try write(Self.columns, changed(12, "2"))
    expectError(.invalidData, "\(path):\(row + 2): column \"label:SITTING\"", "expected 0, 1", "(actual: \"2\")") {
      try load()
    }
  }

  @Test("A row that is cut off")
  func cutOff() throws {
    let path = try write(Self.columns, Self.rows.dropLast() + [["1007", "1"]])
    expectError(.invalidData, "\(path):9: a row has as many fields as the header (max: 15, actual: 2)") { try load() }
  }

  @Test("Training rows: in range, with both classes; test rows with a label")
  func split() throws {
    let path = try write()
    for rows in [0, -1, 7, 100] {
      expectError(.invalidArgument, "train_rows", "(max: 6, actual: \(rows))") {
        try load(ExtraSensory(user: "AB-1", label: "SITTING", trainRows: rows))
      }
    }
    expectError(.invalidArgument, "\(path): the training rows have both values", "(never there: 1)") {
      try load(ExtraSensory(user: "AB-1", label: "SITTING", trainRows: 1))
    }
    expectError(.invalidArgument, "never there: 0") {
      try load(ExtraSensory(user: "AB-1", label: "OR_standing", trainRows: 4))
    }
  }

  @Test("Agents that the data set does not have")
  func agents() throws {
    _ = try write()
    let source = DatasetSource(ExtraSensory(user: "AB-1", label: "SITTING", trainRows: 4))
    expectError(.invalidArgument, "an agent of extrasensory is one of acc, gyro", "(actual: \"nose\")") {
      try source.load(from: folder.directory, agents: [AgentID("nose")])
    }
  }
}
