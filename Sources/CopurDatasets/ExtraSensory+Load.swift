public import CopurCore
internal import CopurNumerics

extension ExtraSensory {
  /// Reads the user's file.
  ///
  /// The low-frequency sensors (`lf_measurements:`) that there are depend on the phone. Such a column without any value in
  /// the training rows belongs to a sensor that the phone does not have, and is left out; the test rows have no say in it.
  /// That leaves 4 of 8 for the paper's user. A phone that has none keeps all 8, so that ten agents stay ten. Columns of
  /// other sensors stay even if they are never present, as in the paper.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let path = try file(in: directory)
    let bytes = try FileBytes.read(path)
    let content = try ExtraSensoryFile(file: path, bytes: bytes, label: label)
    let (trainNumbers, testNumbers) = try split(content, file: path)
    let kept = keptColumns(of: content, trainNumbers: trainNumbers)
    let roster = try AgentRoster(agents: Self.agents, widths: kept.map(\.count))

    func rows(_ numbers: [Int]) -> LabelledRows {
      var features = Matrix(rows: numbers.count, columns: roster.layout.totalWidth)
      let columns = kept.flatMap { $0 }
      for (row, number) in numbers.enumerated() {
        for (column, source) in columns.enumerated() { features[row, column] = content.features[number, source] }
      }
      if standardization == .reference { features = Self.standardizedByThemselves(features) }
      return LabelledRows(features: features, labels: numbers.map { content.labels[$0] ?? 0 })
    }
    let digest = digest
    digest.add(bytes)
    let names = content.columns.flatMap { $0 }
    return Dataset(
      name: Self.kind, roster: roster, featureNames: kept.flatMap { $0 }.map { names[$0] }, classNames: classNames,
      train: rows(trainNumbers), test: rows(testNumbers), digest: digest.finish())
  }

  /// The numbers of the labelled training rows and of the labelled test rows.
  private func split(_ content: ExtraSensoryFile, file: String) throws -> (train: [Int], test: [Int]) {
    let end = content.labels.count - (keepLastRow ? 0 : 1)
    guard trainRows >= 1, trainRows < end else {
      throw CopurError(
        .invalidArgument,
        "\(file): train_rows is at least 1 and leaves rows to test on (max: \(end - 1), actual: \(trainRows))")
    }
    let train = (0..<trainRows).filter { content.labels[$0] != nil }
    let test = (trainRows..<end).filter { content.labels[$0] != nil }
    for value in 0...1 where !train.contains(where: { content.labels[$0] == value }) {
      throw CopurError(
        .invalidArgument, "\(file): the training rows have both values of \"label:\(label)\" (never there: \(value))")
    }
    guard !test.isEmpty else {
      throw CopurError(
        .invalidArgument, "\(file): a test row has the label \"\(label)\" (with it: 0 of \(end - trainRows))")
    }
    return (train, test)
  }

  /// The columns of the file's matrix that each agent keeps.
  private func keptColumns(of content: ExtraSensoryFile, trainNumbers: [Int]) -> [[Int]] {
    var next = 0
    return zip(Sensor.all, content.columns).map { sensor, names in
      let columns = Array(next..<next + names.count)
      next += names.count
      guard sensor.mayLackColumns else { return columns }
      let present = columns.filter { column in trainNumbers.contains { !content.features[$0, column].isNaN } }
      return present.isEmpty ? columns : present
    }
  }

  /// Rows standardised by their own statistics; missing values stay missing, so that standardising them again by the
  /// training rows changes nothing.
  private static func standardizedByThemselves(_ rows: Matrix) -> Matrix {
    var standardized = Standardizer(fitting: rows).apply(to: rows)
    for index in rows.values.indices where rows.values[index].isNaN { standardized.values[index] = .nan }
    return standardized
  }
}
