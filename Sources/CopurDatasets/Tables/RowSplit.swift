internal import CopurCore

/// The division of a table's labelled rows into those for training and those for the test, by one of five rules.
///
/// Both parts keep the order of the file. Which rows are the test follows from the settings and the file alone.
public struct RowSplit: Hashable, Sendable {
  /// The number of the first labelled rows that are for training; the others are the test.
  public var trainRows: Int?
  /// A second file, with the test's rows: a path, or a path under a data folder.
  public var testFile: String?
  /// The column that the next three look at.
  public var column: String?
  /// Rows with one of these texts in the column are the test.
  public var testValues: [String] = []
  /// Rows are the test from this number, or date and time of ISO 8601, in the column on.
  public var testFrom: String?
  /// The share of the column's values, such as subjects, all of whose rows are the test; without a column, of the rows.
  public var testShare: Float?
  /// The seed by which ``testShare`` draws; nil: 0.
  public var seed: Int?

  /// - Parameter trainRows: How many of the first labelled rows are for training; nil if another rule says it.
  public init(trainRows: Int? = nil) { self.trainRows = trainRows }

  /// The settings of a data set that is divided so.
  static func settings<Owner>(at path: any WritableKeyPath<Owner, RowSplit> & Sendable) -> [Setting<Owner>] {
    let own: [Setting<RowSplit>] = [
      .integer(
        "train_rows", \.trainRows, 1...1_000_000_000,
        "how many of the first labelled rows are for training, the others the test; or one of the next five keys says it"
      ),
      .text("test_file", \.testFile, of: "a file", "a second file with the same columns, whose rows are the test"),
      .text(
        "split_by", \.column, of: "a column", "the column that `test_values`, `test_from` and `test_share` look at"),
      Setting(
        SettingDescription(
          "test_values", .texts(of: "values", atLeast: 1), "rows with one of these in that column are the test")
      ) {
        $0.testValues.isEmpty ? nil : .texts($0.testValues)
      } write: {
        if case .texts(let values) = $1 { $0.testValues = values }
      },
      .text(
        "test_from", \.testFrom, of: "a number or a time",
        "rows are the test from this number, or date and time of ISO 8601, in that column on"),
      .number(
        "test_share", \.testShare, .positiveFraction,
        "the share of that column's values, such as subjects, that are the test with all their rows; without `split_by`, of "
          + "the rows"),
      .integer("split_seed", \.seed, 0...Int(Int32.max), "the seed by which `test_share` draws; 0 if left out"),
    ]
    return own.map { $0.at(path) }
  }

  /// Checks that the settings are one rule.
  func validate(given keys: Set<String>) throws(SettingError) {
    let rules = ["train_rows", "test_file", "test_values", "test_from", "test_share"].filter(keys.contains)
    guard let rule = rules.first, rules.count == 1 else {
      throw SettingError(
        "rows are divided by one of train_rows, test_file, test_values, test_from and test_share (actual: "
          + "\(rules.isEmpty ? "none" : rules.joined(separator: ", ")))", at: rules.last)
    }
    if ["test_values", "test_from"].contains(rule), !keys.contains("split_by") {
      throw SettingError("\(rule) needs split_by, the column that it looks at", at: rule)
    }
    if keys.contains("split_by"), ["train_rows", "test_file"].contains(rule) {
      throw SettingError("split_by goes with test_values, test_from or test_share (actual: \(rule))", at: "split_by")
    }
    if keys.contains("split_seed"), rule != "test_share" {
      throw SettingError("split_seed goes with test_share (actual: \(rule))", at: "split_seed")
    }
    if let testShare, testShare >= 1 {
      throw SettingError("test_share leaves rows to train on: under 1 (actual: \(testShare))", at: "test_share")
    }
  }
}

extension RowSplit: Codable {
  private enum CodingKeys: String, CodingKey {
    case trainRows = "train_rows"
    case testFile = "test_file"
    case column = "split_by"
    case testValues = "test_values"
    case testFrom = "test_from"
    case testShare = "test_share"
    case seed = "split_seed"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    trainRows = try container.decodeIfPresent(Int.self, forKey: .trainRows)
    testFile = try container.decodeIfPresent(String.self, forKey: .testFile)
    column = try container.decodeIfPresent(String.self, forKey: .column)
    testValues = try container.decodeIfPresent([String].self, forKey: .testValues) ?? []
    testFrom = try container.decodeIfPresent(String.self, forKey: .testFrom)
    testShare = try container.decodeIfPresent(Float.self, forKey: .testShare)
    seed = try container.decodeIfPresent(Int.self, forKey: .seed)
  }

  /// The keys that were given, and no more: digests of tables that are divided by `train_rows` stay what they were.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(trainRows, forKey: .trainRows)
    try container.encodeIfPresent(testFile, forKey: .testFile)
    try container.encodeIfPresent(column, forKey: .column)
    if !testValues.isEmpty { try container.encode(testValues, forKey: .testValues) }
    try container.encodeIfPresent(testFrom, forKey: .testFrom)
    try container.encodeIfPresent(testShare, forKey: .testShare)
    try container.encodeIfPresent(seed, forKey: .seed)
  }
}
