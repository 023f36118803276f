public import CopurCore

/// A CSV file of one's own: a row a sample, a column with the label, and a map from agents to the columns that they hold.
///
/// The first `train_rows` labelled rows are for training, the others for testing. An empty cell, or a word such as `nan`, is a
/// missing value (``CSVDialect``); a row without a label is left out. An agent without any value in a row is missing there (``silence``).
public struct CSVTable: DatasetKind {
  public static var entry: KindEntry<any DatasetKind> {
    KindEntry(
      kind, "A CSV file of one's own, with a map from agents to columns.",
      CSVTable(file: "", label: "", classes: [], trainRows: 1, agents: []))
  }
  public static var settings: [Setting<CSVTable>] {
    [
      .text(
        "file", \.file, of: "a CSV file", "a path, or a path under a data folder; `.gz` is unpacked", isRequired: true),
      .text("label", \.label, of: "a column", "the column with the labels", isRequired: true),
      .texts(
        "classes", \.classes, of: "classes", atLeast: 2,
        "what can stand in that column; a class's number is its place here",
        isRequired: true),
      .integer(
        "train_rows", \.trainRows, 1...1_000_000_000, "how many of the first labelled rows are for training",
        isRequired: true),
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
  /// What can stand in that column; a class's number is its place here.
  public var classes: [String]
  /// How many of the first labelled rows are for training.
  public var trainRows: Int
  /// The agents with their columns, in order.
  public var columns: [Agent]
  /// When an agent is missing in a row.
  public var silence: SilenceRule
  /// How the file is written.
  public var dialect = CSVDialect()

  public var kind: String { Self.kind }
  public var agents: [AgentID] { columns.map(\.name) }
  public var classNames: [String] { classes }

  public func files(in directory: DataDirectory) throws -> [String] { [try path(in: directory)] }

  /// - Parameter file: A path, or one under a data folder.
  public init(
    file: String, label: String, classes: [String], trainRows: Int, agents: [Agent],
    silence: SilenceRule = .all
  ) {
    self.file = file
    self.label = label
    self.classes = classes
    self.trainRows = trainRows
    columns = agents
    self.silence = silence
  }
}

extension CSVTable {
  private enum CodingKeys: String, CodingKey {
    case file, label, classes
    case columns = "agents"
    case trainRows = "train_rows"
    case silence = "silent"
    case dialect
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file = try container.decode(String.self, forKey: .file)
    label = try container.decode(String.self, forKey: .label)
    classes = try container.decode([String].self, forKey: .classes)
    columns = try container.decode([Agent].self, forKey: .columns)
    trainRows = try container.decode(Int.self, forKey: .trainRows)
    silence = try container.silence(forKey: .silence)
    dialect = try container.decodeIfPresent(CSVDialect.self, forKey: .dialect) ?? CSVDialect()
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(label, forKey: .label)
    try container.encode(classes, forKey: .classes)
    try container.encode(columns, forKey: .columns)
    try container.encode(trainRows, forKey: .trainRows)
    try container.encode(silence, forKey: .silence)
    // Digests of tables of which nothing was said stay what they were.
    if !dialect.isOpen { try container.encode(dialect, forKey: .dialect) }
  }
}
