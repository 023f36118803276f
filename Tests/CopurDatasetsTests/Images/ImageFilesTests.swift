import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

@Suite("Images of one's own, split among agents")
struct ImageFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The byte of value (r, c, k) of image n, which says where it is.
  private static func value(_ image: Int, _ row: Int, _ column: Int, _ channel: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: 97 * image + (row * 5 + column) * 3 + channel)
  }

  /// Four images of 4 × 5 pixels of 3 channels, two of each class.
  private func write(labels: [UInt8] = [0, 1, 1, 0]) throws {
    var pixels: [UInt8] = []
    for image in 0..<4 {
      for row in 0..<4 {
        for column in 0..<5 { pixels += (0..<3).map { Self.value(image, row, column, $0) } }
      }
    }
    let images = ImageFixtures.npy("|u1", [4, 4, 5, 3], pixels)
    let classes = ImageFixtures.npy("|u1", [4], labels)
    try folder.write(
      ImageFixtures.npz([("x_train", images), ("y_train", classes), ("x_test", images), ("y_test", classes)]),
      to: "a.npz")
  }

  private static func region(_ name: String, _ extents: String...) throws -> ImageFiles.Region {
    ImageFiles.Region(name: try AgentID(name), extents: extents)
  }

  /// Every value of every agent's block against the picture that it was cut from, by name and by geometry.
  private func expectBlocks(of dataset: Dataset, corners: [(row: Int, column: Int)]) {
    for (agent, corner) in corners.enumerated() {
      guard case .grid(let rows, let columns, let channels) = dataset.roster.geometries[agent] else {
        Issue.record("a block has a geometry")
        continue
      }
      let block = dataset.roster.layout[agent]
      #expect(channels == 3 && block.count == rows * columns * channels)
      for row in 0..<rows {
        for column in 0..<columns {
          for channel in 0..<channels {
            let feature = block.lowerBound + (row * columns + column) * channels + channel
            let (wholeRow, wholeColumn) = (corner.row + row, corner.column + column)
            #expect(dataset.featureNames[feature] == "pixel:\(wholeRow):\(wholeColumn):\(channel)")
            for image in 0..<4 {
              let expected = Float(Self.value(image, wholeRow, wholeColumn, channel)) / 255
              #expect(dataset.train.features[image, feature] == expected)
              #expect(dataset.test.features[image, feature] == expected)
            }
          }
        }
      }
    }
  }

  @Test("A grid of 2 × 2 as of MNIST; odd extents give the later ones more")
  func quadrants() throws {
    try write()
    let source = DatasetSource(ImageFiles(files: "a.npz", classes: ["no", "yes"]))
    #expect(source.agents.map(\.name) == ["top-left", "top-right", "bottom-left", "bottom-right"])
    let dataset = try source.load(from: folder.directory)
    #expect(dataset.name == "images" && dataset.classNames == ["no", "yes"] && dataset.train.labels == [0, 1, 1, 0])
    #expect(dataset.roster.layout.widths == [12, 18, 12, 18])
    expectBlocks(of: dataset, corners: [(0, 0), (0, 2), (2, 0), (2, 2)])
    #expect(dataset.notes.isEmpty && source.notes(of: dataset).isEmpty && dataset.silence == .never)
  }

  @Test("Another grid")
  func grid() throws {
    try write()
    let source = DatasetSource(ImageFiles(files: "a.npz", classes: ["no", "yes"], gridRows: 1, gridColumns: 3))
    #expect(source.agents.map(\.name) == ["row0-column0", "row0-column1", "row0-column2"])
    let dataset = try source.load(from: folder.directory)
    expectBlocks(of: dataset, corners: [(0, 0), (0, 1), (0, 3)])
    // Some agents, in another order.
    let some = try source.load(from: folder.directory, agents: [source.agents[2], source.agents[0]])
    expectBlocks(of: some, corners: [(0, 3), (0, 0)])
    let error = #expect(throws: CopurError.self) {
      try DatasetSource(ImageFiles(files: "a.npz", classes: ["no", "yes"], gridRows: 5)).load(from: folder.directory)
    }
    #expect(error?.message.contains("(pixels: 4 × 5, actual: 5 × 2)") == true)
    #expect(ImageFiles(files: "", classes: [], gridRows: .max, gridColumns: -1).agents.isEmpty)
  }

  @Test("Regions by name, which need not cover all")
  func regions() throws {
    try write()
    let source = DatasetSource(
      ImageFiles(
        files: "a.npz", classes: ["no", "yes"],
        regions: [
          try Self.region("left", "columns 0-1", "rows 1-3"), try Self.region("right", "columns 3-4"),
        ]))
    #expect(source.agents.map(\.name) == ["left", "right"])
    let dataset = try source.load(from: folder.directory)
    #expect(dataset.roster.layout.widths == [18, 24])
    expectBlocks(of: dataset, corners: [(1, 0), (0, 3)])
  }

  @Test(
    "Regions that break a rule",
    arguments: [
      (["rows 0-1"], ["rows 1-2"], "regions do not overlap (\"a\" and \"b\" have pixels in common)"),
      (["rows 0-1", "columns 0-1"], ["columns 1-2"], "have pixels in common"),
      (["rows 0-1"], ["rows 2-4"], "region \"b\" lies within rows 0-3 and columns 0-4 (actual: rows 2-4)"),
      (["rows 0-1"], ["columns 3-9", "rows 2-3"], "region \"b\" lies within rows 0-3 and columns 0-4"),
      (
        ["rows 1-0"], ["rows 2-3"],
        "\"a\": a region's extent is \"rows A-B\" or \"columns A-B\" with A <= B (actual: \"rows 1-0\")"
      ),
      (["rows 0-1", "rows 2-2"], ["rows 3-3"], "\"a\": a region has its rows once (again: \"rows 2-2\")"),
      (["lines 0-1"], ["rows 3-3"], "(actual: \"lines 0-1\")"),
      (["rows +0-1"], ["rows 3-3"], "(actual: \"rows +0-1\")"),
      (["rows 0"], ["rows 3-3"], "(actual: \"rows 0\")"),
      (["rows 0-99999999999999999999"], ["rows 3-3"], "(actual: \"rows 0-99999999999999999999\")"),
      ([], ["rows 3-3"], "a region has rows, columns or both (actual: neither)"),
    ] as [([String], [String], String)])
  func wrongRegions(first: [String], second: [String], message: String) throws {
    try write()
    let images = ImageFiles(
      files: "a.npz", classes: ["no", "yes"],
      regions: [
        .init(name: try AgentID("a"), extents: first), .init(name: try AgentID("b"), extents: second),
      ])
    let error = #expect(throws: CopurError.self) { try DatasetSource(images).load(from: folder.directory) }
    #expect(error?.code == .invalidArgument && error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("Settings as a scenario gives them")
  func settings() throws {
    let entry = try #require(KindRegistry.datasets["images"])
    func make(_ values: [String: SettingValue]) throws -> ImageFiles {
      let all = values.merging(["files": .text("a.npz"), "classes": .texts(["no", "yes"])]) { one, _ in one }
      return try #require(
        try entry.make(from: GivenSettings(values: all), in: KindContext(agents: [], classNames: [])) as? ImageFiles)
    }
    #expect(try make([:]) == ImageFiles(files: "a.npz", classes: ["no", "yes"]))
    #expect(try make(["grid_rows": .integer(3), "grid_columns": .integer(1)]).agents.count == 3)
    #expect(entry.defaults == ["grid_rows": "2", "grid_columns": "2"])
    let regions = SettingValue.mapping([
      .init("left", .texts(["columns 0-1"])), .init("right", .texts(["rows 0-3", "columns 2-4"])),
    ])
    let images = try make(["regions": regions, "train_rows": .integer(3)])
    #expect(images.trainRows == 3)
    #expect(
      try images.regions == [Self.region("left", "columns 0-1"), Self.region("right", "rows 0-3", "columns 2-4")])
    #expect(images.members.first { $0.key == "regions" }?.value == regions)
    func expect(_ message: String, _ values: [String: SettingValue]) {
      let error = #expect(throws: CopurError.self) { try make(values) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
    expect("regions: a picture is split by a grid or into regions", ["regions": regions, "grid_rows": .integer(1)])
    expect("regions: there is at least one region", ["regions": .mapping([])])
    expect("regions: \"left\": a region's extent", ["regions": .mapping([.init("left", .texts(["all"]))])])
  }

  @Test("A source goes to JSON and back")
  func coding() throws {
    for images in [
      ImageFiles(files: "a.npz", classes: ["no", "yes"], trainRows: 5, gridColumns: 4),
      ImageFiles(files: "b", classes: ["x", "y"], testRows: 2, regions: [try Self.region("left", "columns 0-1")]),
    ] {
      let source = DatasetSource(images)
      #expect(try JSONDecoder().decode(DatasetSource.self, from: JSONEncoder().encode(source)) == source)
    }
    let short = #"{"kind":"images","files":"a","classes":["x","y"]}"#
    let decoded = try JSONDecoder().decode(DatasetSource.self, from: Data(short.utf8))
    #expect(decoded == DatasetSource(ImageFiles(files: "a", classes: ["x", "y"])))
    let wild = #"{"kind":"images","files":"a","classes":["x","y"],"grid_rows":9000000000000000000}"#
    #expect(try JSONDecoder().decode(DatasetSource.self, from: Data(wild.utf8)).agents.isEmpty)
  }

  @Test("Labels and classes that do not fit, and rows that are sorted")
  func classes() throws {
    try write(labels: [0, 0, 1, 1])
    let sorted = try DatasetSource(ImageFiles(files: "a.npz", classes: ["no", "yes"])).load(from: folder.directory)
    #expect(sorted.notes.count == 1 && sorted.notes[0].contains("sorted by class"))
    func expect(_ message: String, _ images: ImageFiles) {
      let error = #expect(throws: CopurError.self) { try DatasetSource(images).load(from: folder.directory) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
    expect("a label is 0 to 0 (actual: 1.0 of image 2)", ImageFiles(files: "a.npz", classes: ["no"]))
    expect("every class (never there: \"maybe\")", ImageFiles(files: "a.npz", classes: ["no", "yes", "maybe"]))
    expect("every class (never there: \"yes\")", ImageFiles(files: "a.npz", classes: ["no", "yes"], trainRows: 2))
    expect("train_rows is 1 to 4 (actual: 5)", ImageFiles(files: "a.npz", classes: ["no", "yes"], trainRows: 5))
    expect("no file \"b.npz\"", ImageFiles(files: "b.npz", classes: ["no", "yes"]))
  }

  @Test("Folders of PNG files: classes in the scenario's order, one channel without its number")
  func folders() throws {
    for (number, place) in ["train/cat", "train/dog", "test/dog"].enumerated() {
      let lines: [[UInt8]] = [[UInt8(number), 51], [102, 255]]
      try folder.write(ImageFixtures.png(columns: 2, .grey, lines: lines), to: "p/\(place)/1.png")
    }
    let images = ImageFiles(files: "p", classes: ["dog", "cat"])
    #expect(
      try images.files(in: folder.directory)
        == ["train/cat", "train/dog", "test/dog"].map { "\(folder.path)/p/\($0)/1.png" })
    let dataset = try DatasetSource(images).load(from: folder.directory)
    #expect(dataset.classNames == ["dog", "cat"] && dataset.train.labels == [0, 1] && dataset.test.labels == [0])
    #expect(dataset.featureNames == ["pixel:0:0", "pixel:0:1", "pixel:1:0", "pixel:1:1"])
    #expect((dataset.train.features[0, 0] * 255).rounded() == 1 && dataset.train.features[1, 0] == 0)
    #expect(dataset.notes.isEmpty && dataset.roster.geometries[3] == .grid(rows: 1, columns: 1, channels: 1))
    // A file that goes to another class changes the digest, though not one byte of it does.
    let digest = dataset.digest
    try FileManager.default.moveItem(atPath: "\(folder.path)/p/test/dog", toPath: "\(folder.path)/p/test/cat")
    #expect(try DatasetSource(images).load(from: folder.directory).digest != digest)
    let error = #expect(throws: CopurError.self) {
      try DatasetSource(ImageFiles(files: "p", classes: ["dog", "cats"])).load(from: folder.directory)
    }
    #expect(error?.message.contains("one of the classes dog, cats; did you mean \"cats\"?") == true)
  }
}
