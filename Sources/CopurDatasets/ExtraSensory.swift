public import CopurCore

/// One user of ExtraSensory (Vaizman et al. 2017), whose sensors are the ten agents of the CoPur paper.
///
/// The rows are minutes of the user's life, in order. Rows before ``trainRows`` are for training, later ones for testing;
/// rows on which the label is missing are left out of both.
///
/// The paper's user, `0BFC35E2-4817-4865-BFA7-764742302A2D` with the label `SITTING`, has 1721 training rows, 465 test rows
/// and 221 features: 26, 26, 31, 46, 9, 17, 28, 26, 4 and 8 for the ten agents.
public struct ExtraSensory: DatasetKind {
  public static var entry: KindEntry<any DatasetKind> {
    KindEntry(
      kind, "One user of ExtraSensory, ten sensors as agents, a label of two classes.",
      ExtraSensory(user: "", label: ""))
  }
  public static var settings: [Setting<ExtraSensory>] {
    [
      .text("user", \.user, of: "a user's number", "the user's number (a UUID)", isRequired: true),
      .text("label", \.label, of: "a label", "what is predicted, such as `SITTING`", isRequired: true),
      .integer("train_rows", \.trainRows, 1...1_000_000_000, "how many of the first rows are for training"),
      .boolean("keep_last_row", \.keepLastRow, "whether the file's last row is a test row"),
      .choice(
        "standardization", \.standardization, of: "a standardization",
        "by which rows' statistics features are standardised"),
      SilenceRule.setting(\.silence),
    ]
  }

  /// The kind in a scenario's `dataset:` section.
  public static let kind = "extrasensory"
  /// The ten agents, in the paper's order.
  public static let agents = Sensor.all.map(\.agent)

  public var kind: String { Self.kind }
  public var agents: [AgentID] { Self.agents }

  /// The user's number (a UUID), which is the first part of the file's name.
  public var user: String
  /// The label to predict, without the `label:` in front of the column's name, such as `SITTING`.
  public var label: String
  /// The number of the file's rows, labelled or not, that are for training; the test rows are the rest. 2500 in the paper.
  public var trainRows: Int
  /// Whether the file's last row is a test row. The paper's reference code leaves it out, and so does the default, so that
  /// counts agree with the published ones: its user has 465 test rows, 466 with the last one.
  public var keepLastRow: Bool
  /// By which rows' statistics features are standardised.
  public var standardization: Standardization
  /// The rule by which a sensor is missing in a row.
  public var silence: SilenceRule

  /// The paper's split, where nothing else is given.
  public init(
    user: String, label: String, trainRows: Int = 2500, keepLastRow: Bool = false,
    standardization: Standardization = .training, silence: SilenceRule = .all
  ) {
    self.user = user
    self.label = label
    self.trainRows = trainRows
    self.keepLastRow = keepLastRow
    self.standardization = standardization
    self.silence = silence
  }

  /// The two classes: the label does not apply, or it does.
  public var classNames: [String] { ["not \(label)", label] }

  public func files(in directory: DataDirectory) throws -> [String] { [try file(in: directory)] }

  /// All users that are there, with the paper's label, their first 1000 rows for training.
  public static func listed(in directory: DataDirectory) -> [any DatasetKind] {
    let users = Set(
      directory.contents(of: kind).filter { $0.contains(".features_labels.csv") }
        .compactMap { $0.split(separator: ".").first.map(String.init) })
    return users.sorted().map { ExtraSensory(user: $0, label: "SITTING", trainRows: 1000) }
  }

  /// The file that holds the user's rows.
  func file(in directory: DataDirectory) throws -> String {
    // The name becomes part of a path.
    guard !user.isEmpty, user.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }) else {
      throw CopurError(
        .invalidArgument, "a user of \(Self.kind) is named by letters, digits and '-' (actual: \"\(user)\")")
    }
    let name = "\(user).features_labels.csv"
    do {
      return try directory.locate(["\(Self.kind)/\(name).gz", "\(Self.kind)/\(name)"])
    } catch let error as CopurError {
      let users = directory.contents(of: Self.kind).filter { $0.contains(".features_labels.csv") }
        .compactMap { $0.split(separator: ".").first.map(String.init) }.sorted()
      guard error.code == .missingInput, !users.isEmpty else { throw error }
      throw CopurError(.missingInput, "\(error.message)\nUsers found: \(users.joined(separator: ", "))")
    }
  }
}

extension ExtraSensory {
  private enum CodingKeys: String, CodingKey {
    case user, label, standardization
    case trainRows = "train_rows"
    case keepLastRow = "keep_last_row"
    case silence = "silent"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    user = try container.decode(String.self, forKey: .user)
    label = try container.decode(String.self, forKey: .label)
    standardization = try container.decode(Standardization.self, forKey: .standardization)
    trainRows = try container.decode(Int.self, forKey: .trainRows)
    keepLastRow = try container.decode(Bool.self, forKey: .keepLastRow)
    silence = try container.silence(forKey: .silence)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(user, forKey: .user)
    try container.encode(label, forKey: .label)
    try container.encode(standardization, forKey: .standardization)
    try container.encode(trainRows, forKey: .trainRows)
    try container.encode(keepLastRow, forKey: .keepLastRow)
    try container.encode(silence, forKey: .silence)
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
