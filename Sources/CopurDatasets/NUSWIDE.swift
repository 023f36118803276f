public import CopurCore

/// NUS-WIDE (Chua et al. 2009) as CoPur splits it (section 5): 634 image features and 1000 tags of a picture, four agents,
/// five classes, the pictures that show exactly one of the five.
///
/// The files lie in the folder `nus-wide` as the official archives unpack: `Low_Level_Features`, `NUS_WID_Tags` and
/// `Groundtruth/TrainTestLabels`. Debian has no package of them, and their licence does not allow one.
public struct NUSWIDE: DatasetKind {
  public static var entry: KindEntry<any DatasetKind> {
    KindEntry(kind, "Pictures with tags that show exactly one of five classes, four agents.", NUSWIDE())
  }
  public static var settings: [Setting<NUSWIDE>] {
    [
      .integer(
        "train_rows", \.trainRows, 1...1_000_000_000, "how many of the first training rows to train on; all if left out"
      ),
      .integer(
        "test_rows", \.testRows, 1...1_000_000_000, "how many of the first test rows to test on; all if left out"),
    ]
  }

  /// The kind, as scenarios spell it; also the folder and the data set's name in results.
  public static let kind = "nus-wide"

  /// The paper's classes, in its order.
  public static let classNames = ["buildings", "grass", "animal", "water", "person"]

  /// The five files of image features whose columns make the 634, in the order of their names, and how many each has.
  static let imageFeatures = [("CH", 64), ("CM55", 225), ("CORR", 144), ("EDH", 73), ("WT", 128)]
  /// The number of tags.
  static let tags = 1000

  private static let shares = [("image-1", 360), ("image-2", 274), ("text-1", 500), ("text-2", 500)]

  /// Two agents with a part of the image features each, two with a half of the tags each.
  public static let agents = shares.map { name, _ in
    do {
      return try AgentID(name)
    } catch {
      preconditionFailure("the names above are agents' names: \(error)")
    }
  }
  static let widths = shares.map(\.1)

  public var kind: String { Self.kind }
  public var agents: [AgentID] { Self.agents }
  public var classNames: [String] { Self.classNames }

  /// The number of the first training rows that show one class to train on; nil for all of them. The paper: 60000.
  public var trainRows: Int?
  /// The number of the first test rows that show one class to test on; nil for all of them. The paper: 1000 for targeted
  /// attacks, 10000 for untargeted ones.
  public var testRows: Int?

  /// All rows that show one class, where no number is given.
  public init(trainRows: Int? = nil, testRows: Int? = nil) {
    self.trainRows = trainRows
    self.testRows = testRows
  }

  /// The files of one part of the data.
  struct Files {
    /// One a class, a line a picture: 1 if it shows the class, else 0.
    var labels: [String]
    /// One a kind of image feature, a line a picture.
    var images: [String]
    /// A line a picture.
    var tags: String

    var all: [String] { labels + images + [tags] }
  }

  /// - Parameter part: "Train" or "Test", as the files are named.
  /// - Throws: ``CopurError`` of code `.missingInput` that lists every place looked at.
  func files(of part: String, in directory: DataDirectory) throws -> Files {
    func locate(_ places: String...) throws -> String {
      try directory.locate(places.flatMap { ["\(Self.kind)/\($0)", "\(Self.kind)/\($0).gz"] })
    }
    return Files(
      labels: try Self.classNames.map { try locate("Groundtruth/TrainTestLabels/Labels_\($0)_\(part).txt") },
      images: try Self.imageFeatures.map { name, _ in
        let file = "Low_Level_Features/\(part)_Normalized_\(name).dat"
        return try locate(file, "NUS_WID_Low_Level_Features/\(file)")
      },
      tags: try locate("NUS_WID_Tags/\(part)_Tags1k.dat"))
  }

  /// All files.
  public func files(in directory: DataDirectory) throws -> [String] {
    try ["Train", "Test"].flatMap { try files(of: $0, in: directory).all }
  }
}

extension NUSWIDE {
  /// All pictures.
  public static func listed(in directory: DataDirectory) -> [any DatasetKind] { [NUSWIDE()] }

  private enum CodingKeys: String, CodingKey {
    case trainRows = "train_rows"
    case testRows = "test_rows"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      trainRows: try container.decodeIfPresent(Int.self, forKey: .trainRows),
      testRows: try container.decodeIfPresent(Int.self, forKey: .testRows))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(trainRows, forKey: .trainRows)
    try container.encodeIfPresent(testRows, forKey: .testRows)
  }
}
