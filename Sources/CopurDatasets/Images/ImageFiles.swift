public import CopurCore

/// Images of one's own, of any size and number of channels, and which part of each picture an agent holds.
///
/// The files are an NPZ archive, a folder with PNG files by class, or a folder with IDX files. A
/// picture is split by a grid, a rectangle an agent, or into rectangles that are named after their agents.
public struct ImageFiles: DatasetKind {
  public static var entry: KindEntry<any DatasetKind> {
    KindEntry(
      kind,
      "Images of any size and number of channels, split into agents' regions by the scenario; npz, IDX and a folder of "
        + "PNG files a class.",
      ImageFiles(files: "", classes: []))
  }
  public static var settings: [Setting<ImageFiles>] {
    [
      .text(
        "files", \.files, of: "an NPZ file or a folder",
        "a path from the scenario or the working directory, or one under a data folder: an archive as of Keras or MedMNIST, a folder with `train/CLASS/*.png` "
          + "and `test/CLASS/*.png`, or one with the IDX files of MNIST", isRequired: true),
      .texts(
        "classes", \.classes, of: "classes", atLeast: 2,
        "names of the classes: labels are places here; of PNG files, the folders' names", isRequired: true),
      .integer(
        "train_rows", \.trainRows, 1...1_000_000_000,
        "how many of the first training rows to train on; all if left out"),
      .integer(
        "test_rows", \.testRows, 1...1_000_000_000, "how many of the first test rows to test on; all if left out"),
      .integer(
        "grid_rows", \.gridRows, 1...PictureGrid.limit,
        "into how many rows of rectangles a picture is split, an agent each"
      ),
      .integer("grid_columns", \.gridColumns, 1...PictureGrid.limit, "into how many columns of rectangles"),
      Setting(
        SettingDescription(
          "regions", .textsByAgent(of: "agents and their extents"),
          "instead of a grid, each agent's rectangle: `[rows 0-13, columns 0-27]`, from 0, the last one included; what "
            + "is left out is whole; regions do not overlap")
      ) {
        $0.regions.isEmpty ? nil : .mapping($0.regions.map { .init($0.name.name, .texts($0.extents)) })
      } write: {
        guard case .mapping(let members) = $1 else { return }
        $0.regions = members.compactMap { member in
          guard case .texts(let extents) = member.value, let name = try? AgentID(member.key) else { return nil }
          return Region(name: name, extents: extents)
        }
      },
    ]
  }

  /// The kind, as scenarios spell it; also the data set's name in results.
  public static let kind = "images"

  /// An agent and its part of each picture.
  public struct Region: Hashable, Sendable, Codable {
    /// The agent's name.
    public var name: AgentID
    /// `rows A-B`, `columns A-B` or both, from 0, the last one included.
    public var extents: [String]

    /// - Parameter extents: `rows A-B`, `columns A-B` or both, from 0, the last one included.
    public init(name: AgentID, extents: [String]) {
      self.name = name
      self.extents = extents
    }
  }

  /// A path, or a path under a data folder, of one of these:
  ///
  /// - an NPZ archive with the arrays `x_train`, `y_train`, `x_test` and `y_test`, or `train_images`, `train_labels`,
  ///   `test_images` and `test_labels`: images (n, rows, columns) or (n, rows, columns, channels), of bytes or of
  ///   numbers from 0 to 1, and a label an image, a whole number from 0;
  /// - a folder with `train/CLASS/*.png` and `test/CLASS/*.png`, all files of one size;
  /// - a folder with the IDX files `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
  ///   `t10k-labels-idx1-ubyte`, with or without `.gz`; images of several channels are `idx4`.
  public var files: String
  /// The name of each class; a label is the place here. Of PNG files, the names of the folders.
  public var classes: [String]
  /// The number of the first training pictures to train on; nil for all.
  public var trainRows: Int?
  /// The number of the first test pictures to test on; nil for all.
  public var testRows: Int?
  /// The number of rows of rectangles that a picture is split into, 1 to 16.
  public var gridRows: Int
  /// The number of columns of rectangles that a picture is split into, 1 to 16.
  public var gridColumns: Int
  /// The agents' rectangles, in order; empty for the grid.
  public var regions: [Region]

  public var kind: String { Self.kind }
  public var isPicture: Bool { true }
  public var classNames: [String] { classes }
  public var agents: [AgentID] { regions.isEmpty ? grid.agents : regions.map(\.name) }

  /// - Parameters:
  ///   - files: A path, or a path under a data folder, of an archive or a folder.
  ///   - classes: The name of each class; a label is the place here.
  ///   - trainRows: How many of the first training pictures to train on; nil for all.
  ///   - testRows: How many of the first test pictures to test on; nil for all.
  ///   - gridRows: How many rows of rectangles a picture is split into, 1 to 16.
  ///   - gridColumns: How many columns of rectangles a picture is split into, 1 to 16.
  ///   - regions: The agents' rectangles; empty for the grid.
  public init(
    files: String, classes: [String], trainRows: Int? = nil, testRows: Int? = nil, gridRows: Int = 2,
    gridColumns: Int = 2, regions: [Region] = []
  ) {
    self.files = files
    self.classes = classes
    self.trainRows = trainRows
    self.testRows = testRows
    self.gridRows = gridRows
    self.gridColumns = gridColumns
    self.regions = regions
  }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    guard keys.contains("regions") else { return }
    guard !keys.contains("grid_rows"), !keys.contains("grid_columns") else {
      throw SettingError("a picture is split by a grid or into regions (actual: both)", at: "regions")
    }
    guard !regions.isEmpty else { throw SettingError("there is at least one region (actual: none)", at: "regions") }
    _ = try areas()
  }

  public func files(in directory: DataDirectory) throws -> [String] {
    try PictureFiles(at: files, in: directory).paths
  }
}

extension ImageFiles {
  private enum CodingKeys: String, CodingKey {
    case files, classes, regions
    case trainRows = "train_rows"
    case testRows = "test_rows"
    case gridRows = "grid_rows"
    case gridColumns = "grid_columns"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    files = try container.decode(String.self, forKey: .files)
    classes = try container.decode([String].self, forKey: .classes)
    trainRows = try container.decodeIfPresent(Int.self, forKey: .trainRows)
    testRows = try container.decodeIfPresent(Int.self, forKey: .testRows)
    gridRows = try container.decodeIfPresent(Int.self, forKey: .gridRows) ?? 2
    gridColumns = try container.decodeIfPresent(Int.self, forKey: .gridColumns) ?? 2
    regions = try container.decodeIfPresent([Region].self, forKey: .regions) ?? []
  }

  /// The grid, or the regions that stand in its place.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(files, forKey: .files)
    try container.encode(classes, forKey: .classes)
    try container.encodeIfPresent(trainRows, forKey: .trainRows)
    try container.encodeIfPresent(testRows, forKey: .testRows)
    if regions.isEmpty {
      try container.encode(gridRows, forKey: .gridRows)
      try container.encode(gridColumns, forKey: .gridColumns)
    } else {
      try container.encode(regions, forKey: .regions)
    }
  }
}
