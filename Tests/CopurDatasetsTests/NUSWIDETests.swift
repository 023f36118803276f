import CopurCore
import CopurDatasets
import CopurNumerics
import Testing

/// A small copy of the official layout: four pictures for training, of which two show exactly one class, three for testing.
struct NUSWIDETests {
  private static let concepts = ["buildings", "grass", "animal", "water", "person"]
  private static let features = [("CH", 64), ("CM55", 225), ("CORR", 144), ("EDH", 73), ("WT", 128)]
  /// For each picture the classes that it shows.
  private static let shown = [
    "Train": [["grass"], ["grass", "person"], [], ["person"]], "Test": [["water"], ["animal"], ["person"]],
  ]

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Column c of picture p is p + c/1000 in image features; picture p has the tags c with c mod 7 = p.
  private func writeAll(featuresIn features: String = "Low_Level_Features") throws {
    for (part, pictures) in Self.shown {
      for concept in Self.concepts {
        try write(
          pictures.map { $0.contains(concept) ? "1" : "0" }.joined(separator: "\n") + "\n",
          to: "Groundtruth/TrainTestLabels/Labels_\(concept)_\(part).txt")
      }
      for (name, width) in Self.features {
        let rows = pictures.indices.map { picture in
          (0..<width).map { "\(Double(picture) + Double($0) / 1000)" }.joined(separator: " ") + " \n"
        }
        try write(rows.joined(), to: "\(features)/\(part)_Normalized_\(name).dat")
      }
      let tags = pictures.indices.map { picture in
        (0..<1000).map { $0 % 7 == picture ? "1" : "0" }.joined(separator: "\t") + "\t\r\n"
      }
      try write(tags.joined(), to: "NUS_WID_Tags/\(part)_Tags1k.dat")
    }
  }

  private func write(_ text: String, to name: String) throws { try folder.write(text.utf8, to: "nus-wide/\(name)") }

  private func load(_ source: NUSWIDE = NUSWIDE()) throws -> Dataset {
    try DatasetSource(source).load(from: folder.directory)
  }

  @Test(
    "Pictures that show exactly one of five classes, split over four agents",
    arguments: ["Low_Level_Features", "NUS_WID_Low_Level_Features/Low_Level_Features"])
  func layout(features: String) throws {
    try writeAll(featuresIn: features)
    let data = try load()
    #expect(data.name == "nus-wide" && data.classNames == Self.concepts)
    #expect(data.roster.agents.map(\.name) == ["image-1", "image-2", "text-1", "text-2"])
    #expect(data.roster.layout.widths == [360, 274, 500, 500])
    #expect(data.train.labels == [1, 4])
    #expect(data.test.labels == [3, 2, 4])
    // The last training row is picture 3. Column 64 is the first of CM55, after the 64 of CH.
    #expect(data.featureNames[64] == "CM55:0" && data.train.features[1, 64] == 3)
    #expect(data.train.features[1, 63] == 3.063)
    #expect(data.featureNames[633] == "WT:127" && data.train.features[1, 633] == 3.127)
    #expect(data.featureNames[634] == "tag:0")
    #expect((0..<8).map { data.train.features[1, 634 + $0] } == [0, 0, 0, 1, 0, 0, 0, 0])
    #expect(data.train.features[0, 634] == 1 && data.train.features[0, 1633] == 0)
    #expect(data.test.features[2, 634 + 2] == 1)
  }

  @Test("The first rows that show one class, and no more than there are")
  func limits() throws {
    try writeAll()
    #expect(try load(NUSWIDE(trainRows: 1, testRows: 2)).test.labels == [3, 2])
    let error = #expect(throws: CopurError.self) { try load(NUSWIDE(trainRows: 3)) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("train_rows is 1 to") == true)
    #expect(error?.message.contains("(max: 2, actual: 3)") == true)
  }

  @Test("Other tags are other data")
  func digest() throws {
    try writeAll()
    let before = try load().digest
    #expect(try load().digest == before)
    let tags = (0..<3).map { _ in String(repeating: "0\t", count: 1000) + "\n" }.joined()
    try write(tags, to: "NUS_WID_Tags/Test_Tags1k.dat")
    #expect(try load().digest != before)
  }

  @Test("A file that is missing is named, with every place looked at")
  func missing() throws {
    let error = #expect(throws: CopurError.self) { try load() }
    #expect(error?.code == .missingInput)
    #expect(error?.message.contains("nus-wide/Groundtruth/TrainTestLabels/Labels_buildings_Train.txt") == true)
  }

  @Test(
    "What breaks the format is named by file, row and column",
    arguments: [
      ("Groundtruth/TrainTestLabels/Labels_grass_Train.txt", "1\n1\n0\n", "(expected: 4, actual: 3)"),
      ("Groundtruth/TrainTestLabels/Labels_grass_Train.txt", "1\n2\n0\n0\n", "a label is 0 or 1 (actual: 2.0, row 2)"),
      (
        "Groundtruth/TrainTestLabels/Labels_grass_Train.txt", "1\n\n0\n0\n",
        "no row is empty but at the end (empty: row 2)"
      ),
      ("Low_Level_Features/Train_Normalized_CH.dat", "1 2\n1\n1\n1\n", "a row has 64 numbers (actual: 2, row 1)"),
      ("Low_Level_Features/Train_Normalized_CH.dat", "1 x\n1\n1\n1\n", "(actual: \"x\", row 1, column 2)"),
      ("Low_Level_Features/Train_Normalized_CH.dat", "1 nan\n1\n1\n1\n", "(actual: \"nan\", row 1, column 2)"),
      ("Low_Level_Features/Train_Normalized_CH.dat", "1\n", "a row for each picture (expected: 4, actual: 1)"),
      ("NUS_WID_Tags/Train_Tags1k.dat", "1e999\n1\n1\n1\n", "(actual: \"1e999\", row 1, column 1)"),
    ])
  func malformed(file: String, text: String, said: String) throws {
    try writeAll()
    try write(text, to: file)
    let error = #expect(throws: CopurError.self) { try load() }
    #expect(error?.code == .invalidData)
    #expect(error?.message.contains(file) == true && error?.message.contains(said) == true, "\(error?.message ?? "")")
  }
}
