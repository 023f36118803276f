public import CopurCore
internal import CopurNumerics
internal import Foundation

extension CSVTable {
  /// A file's place.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at.
  func path(of file: String, in directory: DataDirectory) throws -> String {
    try directory.locateNamed([file, "\(file).gz"])
  }

  /// Reads the file, and that of the test, if it has one of its own.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let digest = digest
    var notes: [String] = []
    let path = try path(of: file, in: directory)
    let table = try content(of: path, digest: digest, notes: &notes)
    let (train, test): (LabelledRows, LabelledRows)
    if let testFile = split.testFile {
      let testPath = try self.path(of: testFile, in: directory)
      let other = try content(of: testPath, digest: digest, notes: &notes)
      for (own, path) in [(table, path), (other, testPath)] where own.labels.isEmpty {
        throw CopurError(.invalidArgument, "\(path): a table has rows with a label (actual: none)")
      }
      (train, test) = (table.rows { _ in true }, other.rows { _ in true })
    } else {
      let isTest = try split.testRows(count: table.labels.count, keys: table.keys, file: path)
      (train, test) = (table.rows { !isTest[$0] }, table.rows { isTest[$0] })
    }
    for (number, name) in classes.enumerated() where !train.labels.contains(number) {
      throw CopurError(.invalidArgument, "\(path): the training rows have every class (never there: \"\(name)\")")
    }
    return Dataset(
      name: Self.kind, roster: try AgentRoster(agents: agents, widths: table.widths), featureNames: table.names,
      classNames: classes, train: train, test: test, digest: digest.finish(), notes: notes)
  }

  /// A file's labelled rows.
  private struct Content {
    /// The number of columns of each agent.
    var widths: [Int]
    var names: [String]
    /// Row by row.
    var features: [Float] = []
    var labels: [Int] = []
    /// The values of the column that rows are divided by.
    var keys: [String] = []
    var unlabelled = 0

    func rows(_ isPart: (Int) -> Bool) -> LabelledRows {
      let (places, width) = (labels.indices.filter(isPart), names.count)
      return LabelledRows(
        features: Matrix(
          rows: places.count, columns: width, values: places.flatMap { features[$0 * width..<($0 + 1) * width] }),
        labels: places.map { labels[$0] })
    }
  }

  private func content(
    of path: String, digest: borrowing DatasetDigest, notes: inout [String]
  ) throws -> Content {
    let bytes = try FileBytes.read(path)
    digest.add(bytes)
    let content: Content
    if path.hasSuffix(".npz") || path.hasSuffix(".npy") {
      var rows = try ArrayRows(file: path, bytes: bytes)
      content = try self.content(of: &rows)
    } else {
      var reader = try CSVReader(file: path, bytes: bytes, dialect: dialect)
      if let guess = reader.dialect.guess(beside: dialect) { notes.append("\(path): \(guess)") }
      content = try self.content(of: &reader)
    }
    if content.unlabelled > 0 { notes.append("\(path): \(content.unlabelled) rows have no label and are left out") }
    return content
  }

  private func content(of reader: inout some TableRows) throws -> Content {
    let columns = try self.columns.map { try self.columns(of: $0, in: reader) }
    let label = try column(self.label, in: reader)
    for (agent, columns) in zip(self.columns, columns) where columns.contains(label) {
      throw CopurError(
        .invalidArgument,
        "\(reader.file): no agent holds the label, which every prediction would be read off (agent \(agent.name): "
          + "\"\(self.label)\")")
    }
    let key = try split.column.map { try column($0, in: reader) }
    let places = columns.flatMap { $0 }
    var content = Content(widths: columns.map(\.count), names: places.map { reader.columns[$0] })
    while try reader.next() {
      let text = reader.text(label)
      if text.isEmpty || !classes.contains(text) && reader.isMissing(text) {
        content.unlabelled += 1
        continue
      }
      guard let number = classes.firstIndex(of: text) else {
        throw reader.invalid(label, rule: "one of the classes \(classes.joined(separator: ", ")), or nothing")
      }
      if let key {
        let value = reader.text(key)
        guard !value.isEmpty, !reader.isMissing(value) else {
          throw reader.invalid(key, rule: "what says whether a row with a label is the test's")
        }
        content.keys.append(value)
      }
      content.labels.append(number)
      for column in places { content.features.append(try reader.number(column)) }
    }
    return content
  }

  private func columns(of agent: Agent, in reader: some TableRows) throws -> [Int] {
    try agent.columns.flatMap { name in
      guard name.hasSuffix("*") else { return [try column(name, in: reader)] }
      let found = reader.columns.indices.filter {
        reader.columns[$0].hasPrefix(name.dropLast()) && reader.columns[$0] != label
      }
      guard !found.isEmpty else {
        throw CopurError(
          .invalidArgument, "\(reader.file): agent \(agent.name): no column begins with \"\(name.dropLast())\"")
      }
      return found
    }
  }

  private func column(_ name: String, in reader: some TableRows) throws -> Int {
    guard let column = reader.columns.firstIndex(of: name) else {
      throw CopurError(
        .invalidArgument,
        "\(reader.file): no column \"\(name)\"\(Suggestion.clause(for: name, in: reader.columns))")
    }
    return column
  }
}
