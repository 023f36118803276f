public import CopurCore
internal import CopurNumerics
internal import Foundation

extension CSVTable {
  /// The file's place.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at.
  func path(in directory: DataDirectory) throws -> String {
    FileManager.default.isReadableFile(atPath: file) ? file : try directory.locate([file, "\(file).gz"])
  }

  /// Reads the file.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let path = try path(in: directory)
    let bytes = try FileBytes.read(path)
    let digest = digest
    digest.add(bytes)
    var reader = try CSVReader(file: path, bytes: bytes, dialect: dialect)
    let columns = try self.columns.map { try self.columns(of: $0, in: reader) }
    let labelColumn = try column(label, in: reader)
    for (agent, columns) in zip(self.columns, columns) where columns.contains(labelColumn) {
      throw CopurError(
        .invalidArgument,
        "\(path): no agent holds the label, which every prediction would be read off (agent \(agent.name): \"\(label)\")"
      )
    }
    let (features, labels, unlabelled) = try rows(of: &reader, columns: columns.flatMap { $0 }, label: labelColumn)
    var notes = [reader.dialect.guess(beside: dialect)].compactMap { $0 }
    if unlabelled > 0 { notes.append("\(unlabelled) rows have no label and are left out") }
    guard trainRows >= 1, trainRows < labels.count else {
      throw CopurError(
        .invalidArgument,
        "\(path): train_rows is at least 1 and leaves rows to test on (labelled rows: \(labels.count), actual: \(trainRows))"
      )
    }
    for (number, name) in classes.enumerated() where !labels[..<trainRows].contains(number) {
      throw CopurError(.invalidArgument, "\(path): the training rows have every class (never there: \"\(name)\")")
    }
    let width = columns.reduce(0) { $0 + $1.count }
    func part(_ range: Range<Int>) -> LabelledRows {
      LabelledRows(
        features: Matrix(
          rows: range.count, columns: width,
          values: Array(features[range.lowerBound * width..<range.upperBound * width])), labels: Array(labels[range]))
    }
    return Dataset(
      name: Self.kind, roster: try AgentRoster(agents: agents, widths: columns.map(\.count)),
      featureNames: columns.flatMap { $0 }.map { reader.columns[$0] }, classNames: classes,
      train: part(0..<trainRows), test: part(trainRows..<labels.count), digest: digest.finish(),
      notes: notes.map { "\(path): \($0)" })
  }

  /// The features of all labelled rows, one after the other, and their labels.
  private func rows(
    of reader: inout CSVReader, columns: [Int], label: Int
  ) throws -> (features: [Float], labels: [Int], unlabelled: Int) {
    var (features, labels, unlabelled): ([Float], [Int], Int) = ([], [], 0)
    while try reader.next() {
      let text = reader.text(label)
      if text.isEmpty || !classes.contains(text) && reader.isMissing(text) {
        unlabelled += 1
        continue
      }
      guard let number = classes.firstIndex(of: text) else {
        throw reader.invalid(label, rule: "one of the classes \(classes.joined(separator: ", ")), or nothing")
      }
      labels.append(number)
      for column in columns { features.append(try reader.number(column)) }
    }
    return (features, labels, unlabelled)
  }

  private func columns(of agent: Agent, in reader: CSVReader) throws -> [Int] {
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

  private func column(_ name: String, in reader: CSVReader) throws -> Int {
    guard let column = reader.columns.firstIndex(of: name) else {
      throw CopurError(
        .invalidArgument,
        "\(reader.file): no column \"\(name)\"\(Suggestion.clause(for: name, in: reader.columns))")
    }
    return column
  }
}
