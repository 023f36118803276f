public import CopurCore
internal import CopurNumerics

extension NUSWIDE {
  /// Reads the pictures that show exactly one of the classes; of the others nothing but their labels is parsed.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let digest = digest
    let train = try rows(of: "Train", in: directory, limit: trainRows, option: "train_rows", digest: digest)
    let test = try rows(of: "Test", in: directory, limit: testRows, option: "test_rows", digest: digest)
    return Dataset(
      name: Self.kind, roster: try AgentRoster(agents: Self.agents, widths: Self.widths),
      featureNames: Self.imageFeatures.flatMap { name, count in (0..<count).map { "\(name):\($0)" } }
        + (0..<Self.tags).map { "tag:\($0)" },
      classNames: Self.classNames, train: train, test: test, digest: digest.finish())
  }

  private func rows(
    of part: String, in directory: DataDirectory, limit: Int?, option: String, digest: borrowing DatasetDigest
  ) throws -> LabelledRows {
    let files = try files(of: part, in: directory)
    var shown: [[Float]] = []
    for file in files.labels {
      let bytes = try FileBytes.read(file)
      digest.add(bytes)
      let table = try NumberTable(file: file, bytes: bytes)
      if let first = files.labels.first, let count = shown.first?.count, table.count != count {
        throw CopurError(
          .invalidData, "\(file): a label for each picture, as in \(first) (expected: \(count), actual: \(table.count))"
        )
      }
      shown.append(try table.parse(rows: Array(0..<table.count), columns: 1).values)
      if let wrong = shown[shown.count - 1].firstIndex(where: { $0 != 0 && $0 != 1 }) {
        throw CopurError(
          .invalidData, "\(file): a label is 0 or 1 (actual: \(shown[shown.count - 1][wrong]), row \(wrong + 1))")
      }
    }
    let pictures = shown[0].count
    let single = (0..<pictures).filter { picture in shown.count { $0[picture] == 1 } == 1 }
    let count = limit ?? single.count
    guard count >= 1, count <= single.count else {
      throw CopurError(
        .invalidArgument,
        "\(option) is 1 to the number of pictures that show exactly one of \(Self.classNames.joined(separator: ", ")) "
          + "(max: \(single.count), actual: \(count))")
    }
    let chosen = Array(single.prefix(count))
    var features = Matrix(rows: count, columns: Self.widths.reduce(0, +))
    var column = 0
    let tables = zip(files.images, Self.imageFeatures.map(\.1)) + [(files.tags, Self.tags)]
    for (file, width) in tables {
      let bytes = try FileBytes.read(file)
      digest.add(bytes)
      let table = try NumberTable(file: file, bytes: bytes)
      guard table.count == pictures else {
        throw CopurError(
          .invalidData, "\(file): a row for each picture (expected: \(pictures), actual: \(table.count))")
      }
      features.replaceColumns(column..<column + width, with: try table.parse(rows: chosen, columns: width))
      column += width
    }
    return LabelledRows(
      features: features, labels: chosen.map { picture in shown.firstIndex { $0[picture] == 1 } ?? 0 })
  }
}
