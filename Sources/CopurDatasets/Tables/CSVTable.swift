public import CopurCore

/// A table of one's own: a row a sample, a column with the label, and a map from agents to the columns that they hold.
///
/// The file is text (CSV, TSV) or NumPy's arrays. ``RowSplit`` says which labelled rows are the test. An empty cell, or a word
/// such as `nan`, is a missing value (``CSVDialect``); a row without a label is left out. An agent without any value in a row is
/// missing there (``silence``).
public struct CSVTable: DatasetKind {
  public static var entry: KindEntry<any DatasetKind> {
    KindEntry(
      kind, "A table of one's own, CSV or NumPy's arrays, with a map from agents to columns.",
      CSVTable(file: "", label: "", classes: [], split: RowSplit(), agents: []))
  }
  public static var settings: [Setting<CSVTable>] {
    [
      .text(
        "file", \.file, of: "a file",
        "a path from the scenario or the working directory, or one under a data folder: text, of which `.gz` is unpacked, or `.npz` and `.npy`, where an array of one "
          + "dimension is a column with its name, and one of two is the columns `NAME_0`, `NAME_1` and so on (`x_0` in a `.npy`)",
        isRequired: true),
      .text("label", \.label, of: "a column", "the column with the labels", isRequired: true),
      .texts(
        "classes", \.classes, of: "classes", atLeast: 2,
        "what can stand in that column; a class's number is its place here",
        isRequired: true),
    ] + RowSplit.settings(at: \.split) + [
      Setting(
        SettingDescription(
          "agents", .textsByAgent(of: "agents and their columns"),
          "each agent's columns by name; one that ends in `*` stands for all that begin so", isRequired: true)
      ) {
        .mapping($0.columns.map { .init($0.name.name, .texts($0.columns)) })
      } write: {
        guard case .mapping(let members) = $1 else { return }
        $0.columns = members.compactMap { member in
          guard case .texts(let columns) = member.value, let name = try? AgentID(member.key) else { return nil }
          return Agent(name: name, columns: columns)
        }
      },
      SilenceRule.setting(\.silence),
    ] + CSVDialect.settings(at: \.dialect)
  }

  /// The kind, as scenarios spell it.
  public static let kind = "csv"

  /// An agent and its columns.
  public struct Agent: Hashable, Sendable, Codable {
    /// The agent's name.
    public var name: AgentID
    /// Names of columns; one that ends in `*` stands for all columns that begin so.
    public var columns: [String]

    /// - Parameter columns: Names of columns; one that ends in `*` stands for all columns that begin so.
    public init(name: AgentID, columns: [String]) {
      self.name = name
      self.columns = columns
    }
  }

  /// The file: a path, or a path under a data folder; `.gz` is unpacked.
  public var file: String
  /// The column with the labels.
  public var label: String
  /// The values that can stand in that column; a class's number is its place here.
  public var classes: [String]
  /// The division of labelled rows into training and test.
  public var split: RowSplit
  /// The agents with their columns, in order.
  public var columns: [Agent]
  /// The rule by which an agent is missing in a row.
  public var silence: SilenceRule
  /// The way the file is written.
  public var dialect = CSVDialect()

  public var kind: String { Self.kind }
  public var agents: [AgentID] { columns.map(\.name) }
  public var classNames: [String] { classes }

  public func files(in directory: DataDirectory) throws -> [String] {
    try ([file] + [split.testFile].compactMap { $0 }).map { try path(of: $0, in: directory) }
  }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try split.validate(given: keys)
  }

  /// - Parameters:
  ///   - file: A path, or one under a data folder.
  ///   - trainRows: How many of the first labelled rows are for training.
  public init(
    file: String, label: String, classes: [String], trainRows: Int, agents: [Agent],
    silence: SilenceRule = .all
  ) {
    self.init(
      file: file, label: label, classes: classes, split: RowSplit(trainRows: trainRows), agents: agents,
      silence: silence)
  }

  /// - Parameter file: A path, or one under a data folder.
  public init(
    file: String, label: String, classes: [String], split: RowSplit, agents: [Agent], silence: SilenceRule = .all
  ) {
    self.file = file
    self.label = label
    self.classes = classes
    self.split = split
    columns = agents
    self.silence = silence
  }
}

extension CSVTable {
  private enum CodingKeys: String, CodingKey {
    case file, label, classes
    case columns = "agents"
    case silence = "silent"
    case dialect
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file = try container.decode(String.self, forKey: .file)
    label = try container.decode(String.self, forKey: .label)
    classes = try container.decode([String].self, forKey: .classes)
    columns = try container.decode([Agent].self, forKey: .columns)
    split = try RowSplit(from: decoder)
    silence = try container.silence(forKey: .silence)
    dialect = try container.decodeIfPresent(CSVDialect.self, forKey: .dialect) ?? CSVDialect()
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(label, forKey: .label)
    try container.encode(classes, forKey: .classes)
    try container.encode(columns, forKey: .columns)
    try split.encode(to: encoder)
    try container.encode(silence, forKey: .silence)
    // Digests of tables of which nothing was said stay what they were.
    if !dialect.isOpen { try container.encode(dialect, forKey: .dialect) }
  }
}
