internal import CopurCore
internal import CopurNumerics

/// A user's file: every row's features, grouped by agent, and one label.
struct ExtraSensoryFile {
  /// For each agent, the names of its columns in the file's order.
  let columns: [[String]]
  /// [rows of the file, features], an agent's columns side by side; NaN where a value is missing.
  let features: Matrix
  /// 0, 1 or, where the label is missing, nil.
  let labels: [Int?]

  /// - Parameters:
  ///   - file: The file's name for messages.
  ///   - bytes: Its unpacked content.
  ///   - label: The label to read, without `label:`.
  /// - Throws: ``CopurError`` of code `.invalidData` that names file, line and column, if the content breaks the format;
  ///   `.invalidArgument` if it has no such label.
  init(file: String, bytes: [UInt8], label: String) throws {
    var reader = try CSVReader(file: file, bytes: bytes)
    let labelColumn = try Self.column(of: label, in: reader.columns, file: file)
    let numbers = try Self.columnsByAgent(reader.columns, file: file)
    columns = numbers.map { $0.map { reader.columns[$0] } }

    let order = numbers.flatMap { $0 }
    var values: [Float] = []
    // A cell takes two bytes at least.
    values.reserveCapacity(bytes.count / 2)
    var labels: [Int?] = []
    while try reader.next() {
      for column in order { values.append(try reader.number(column)) }
      switch try reader.number(labelColumn) {
      case 0: labels.append(0)
      case 1: labels.append(1)
      case let value where value.isNaN: labels.append(nil)
      default: throw reader.invalid(labelColumn, rule: "0, 1, nothing or nan")
      }
    }
    features = Matrix(rows: labels.count, columns: order.count, values: values)
    self.labels = labels
  }

  private static func column(of label: String, in columns: [String], file: String) throws -> Int {
    if let column = columns.firstIndex(of: "label:\(label)") { return column }
    let labels = columns.filter { $0.hasPrefix("label:") }.map { String($0.dropFirst("label:".count)) }
    throw CopurError(
      .invalidArgument,
      "\(file): a label is one of the file's \(labels.count) \"label:\" columns (actual: \"\(label)\")"
        + Suggestion.clause(for: label, in: labels))
  }

  /// The numbers of each agent's columns.
  private static func columnsByAgent(_ columns: [String], file: String) throws -> [[Int]] {
    var numbers = [[Int]](repeating: [], count: ExtraSensory.Sensor.all.count)
    for (number, column) in columns.enumerated() {
      if let agent = ExtraSensory.Sensor.index(holding: column) {
        numbers[agent].append(number)
      } else if column != "timestamp", column != "label_source", !column.hasPrefix("label:") {
        throw CopurError(
          .invalidData,
          "\(file):1: a column is \"timestamp\", a feature of a known sensor, \"label:…\" or \"label_source\" "
            + "(actual: \"\(column)\", column \(number + 1))")
      }
    }
    for (agent, held) in numbers.enumerated() where held.isEmpty {
      let sensor = ExtraSensory.Sensor.all[agent]
      throw CopurError(
        .invalidData, "\(file):1: the agent \"\(sensor.agent)\" has a column \"\(sensor.prefixes[0])…\" (actual: none)")
    }
    return numbers
  }
}
