import CopurCore
import CopurDatasets
import Foundation
import Testing

struct DatasetSourceTests {
  @Test(
    "A source goes to JSON and back",
    arguments: [
      DatasetSource(ExtraSensory(user: "AB", label: "SITTING")),
      DatasetSource(
        ExtraSensory(user: "AB", label: "X", trainRows: 7, keepLastRow: true, standardization: .reference)),
      DatasetSource(NUSWIDE()), DatasetSource(NUSWIDE(trainRows: 60000, testRows: 1000)),
      DatasetSource(ImageDataset(collection: .mnist)),
      DatasetSource(ImageDataset(collection: .fashionMNIST, trainRows: 6000, testRows: 1000)),
    ] as [DatasetSource])
  func roundTrip(source: DatasetSource) throws {
    let data = try JSONEncoder().encode(source)
    #expect(try JSONDecoder().decode(DatasetSource.self, from: data) == source)
  }

  @Test("The JSON has the scenario's keys")
  func keys() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let source = DatasetSource(ImageDataset(collection: .fashionMNIST, trainRows: 6000))
    #expect(
      String(decoding: try encoder.encode(source), as: UTF8.self) == #"{"kind":"fashion-mnist","train_rows":6000}"#)
  }

  @Test("What was written before there was a rule for silent agents follows none, and keeps its digest")
  func silence() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let before =
      #"{"keep_last_row":false,"kind":"extrasensory","label":"X","standardization":"training","train_rows":7,"user":"AB"}"#
    let never = try JSONDecoder().decode(DatasetSource.self, from: Data(before.utf8))
    #expect(never.dataset.silence == .never)
    #expect(String(decoding: try encoder.encode(never), as: UTF8.self) == before)
    let now = DatasetSource(ExtraSensory(user: "AB", label: "X", trainRows: 7))
    #expect(now.dataset.silence == .all && now != never)
    #expect(String(decoding: try encoder.encode(now), as: UTF8.self).contains(#""silent":1"#))
    #expect(try JSONDecoder().decode(DatasetSource.self, from: encoder.encode(now)) == now)
  }

  @Test("A kind that is not known is an error")
  func unknownKind() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(DatasetSource.self, from: Data(#"{"kind":"cifar"}"#.utf8))
    }
  }

  @Test("What there is, is found; that there is nothing is an error")
  func finding() throws {
    // `copur data verify` checked nothing, said nothing and exited with 0.
    let folder = try TemporaryFolder()
    let directory = DataDirectory(roots: [folder.path])
    let error = #expect(throws: CopurError.self) { try DatasetSource.findable(in: directory) }
    #expect(error?.code == .missingInput && error?.message.contains(folder.path) == true)
    try folder.write([], to: "extrasensory/AB.features_labels.csv")
    #expect(try DatasetSource.findable(in: directory).map(\.kind) == ["extrasensory"])
  }

  @Test("What the data set has is known before it is read")
  func beforeReading() {
    let user = DatasetSource(ExtraSensory(user: "AB", label: "SITTING"))
    #expect(user.agents.count == 10)
    #expect(user.classNames == ["not SITTING", "SITTING"])
    #expect(KindRegistry.datasets.names == ["extrasensory", "nus-wide", "mnist", "fashion-mnist", "images", "csv"])
  }
}
