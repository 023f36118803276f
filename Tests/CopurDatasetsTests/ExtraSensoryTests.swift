import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

/// The real files, where they are at hand.
struct ExtraSensoryTests {
  static let widths = [26, 26, 31, 46, 9, 17, 28, 26, 4, 8]

  @Test(
    "The paper's user has the paper's rows and features",
    .enabled(if: TestData.hasUser(TestData.paperUser), "needs the ExtraSensory data: set COPUR_DATA"))
  func paperUser() throws {
    let source = DatasetSource(ExtraSensory(user: TestData.paperUser, label: "SITTING"))
    let data = try source.load(from: TestData.directory)

    #expect(data.name == "extrasensory")
    #expect(data.train.count == 1721)
    #expect(data.test.count == 465)
    #expect(data.roster.layout.totalWidth == 221)
    #expect(data.roster.layout.widths == Self.widths)
    #expect(
      data.roster.agents.map(\.name) == [
        "acc", "gyro", "magnet", "watch", "compass", "location", "audio", "phone", "environment", "time",
      ])
    // 71.6 % of the test rows are positive.
    #expect(data.test.labels.count { $0 == 1 } == 333)
    #expect(data.classNames == ["not SITTING", "SITTING"])
    #expect(data.featureNames.first == "raw_acc:magnitude_stats:mean")
    // Sensors without any reading, counted in the file: magnet, watch and compass.
    let presence = data.silence.presence(in: data.train.features, layout: data.roster.layout)
    let silent = (0..<10).map { agent in (0..<1721).count { !presence[$0 * 10 + agent] } }
    #expect(data.silence == .all && silent == [0, 0, 2, 46, 526, 0, 0, 0, 0, 0])
    #expect(data.featureNames[213...].allSatisfy { $0.hasPrefix("discrete:time_of_day:") })
    #expect(data.train.features.values.contains { $0.isNaN })
    #expect(data.digest.count == 64)
  }

  @Test(
    "With the file's last row there is one test row more",
    .enabled(if: TestData.hasUser(TestData.paperUser), "needs the ExtraSensory data: set COPUR_DATA"))
  func lastRow() throws {
    let user = ExtraSensory(user: TestData.paperUser, label: "SITTING", keepLastRow: true)
    #expect(try DatasetSource(user).load(from: TestData.directory).test.count == 466)
  }

  @Test(
    "Other users have other low-frequency sensors, and rows as published",
    .enabled(
      if: TestData.hasUser("5EF64122-B513-46AE-BCF1-E62AAC285D2C")
        && TestData.hasUser("00EABED2-271D-49D8-B599-1D4A09240601"), "needs the ExtraSensory data: set COPUR_DATA"),
    arguments: [
      ("5EF64122-B513-46AE-BCF1-E62AAC285D2C", 2500, 2450, 898),
      ("00EABED2-271D-49D8-B599-1D4A09240601", 1800, 1660, 459),
    ])
  func otherUsers(user: String, trainRows: Int, train: Int, test: Int) throws {
    let source = DatasetSource(ExtraSensory(user: user, label: "SITTING", trainRows: trainRows))
    let data = try source.load(from: TestData.directory)
    #expect(data.train.count == train)
    #expect(data.test.count == test)
    #expect(data.roster.layout.widths == [26, 26, 31, 46, 9, 17, 28, 26, 3, 8])
  }

  @Test(
    "The reference's way standardises each split by itself; the default leaves features raw",
    .enabled(if: TestData.hasUser(TestData.paperUser), "needs the ExtraSensory data: set COPUR_DATA"))
  func standardization() throws {
    var user = ExtraSensory(user: TestData.paperUser, label: "SITTING")
    let raw = try DatasetSource(user).load(from: TestData.directory)
    user.standardization = .reference
    let reference = try DatasetSource(user).load(from: TestData.directory)

    func moments(_ rows: LabelledRows) -> (mean: Float, deviation: Float) {
      let values = (0..<rows.count).map { rows.features[$0, 0] }.filter { !$0.isNaN }
      let mean = values.reduce(0, +) / Float(values.count)
      return (mean, (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Float(values.count)).squareRoot())
    }
    for rows in [reference.train, reference.test] {
      #expect(abs(moments(rows).mean) < 1e-4)
      #expect(abs(moments(rows).deviation - 1) < 1e-4)
    }
    #expect(abs(moments(raw.train).mean) > 0.1)
    #expect(raw.digest != reference.digest)
    // What was missing stays missing, and the training rows' own standardizer then finds nothing left to do.
    #expect(reference.train.features.values.map(\.isNaN) == raw.train.features.values.map(\.isNaN))
    let again = Standardizer(fitting: reference.train.features)
    #expect(again.means.allSatisfy { abs($0) < 1e-3 })
    #expect(again.standardDeviations.allSatisfy { abs($0 - 1) < 1e-3 || $0 == Standardizer.withoutSpread })
  }

  @Test(
    "Some agents, in another order, hold the same columns",
    .enabled(if: TestData.hasUser(TestData.paperUser), "needs the ExtraSensory data: set COPUR_DATA"))
  func someAgents() throws {
    let source = DatasetSource(ExtraSensory(user: TestData.paperUser, label: "SITTING"))
    let all = try source.load(from: TestData.directory)
    let two = try source.load(from: TestData.directory, agents: [try AgentID("time"), try AgentID("acc")])
    #expect(two.roster.layout.widths == [8, 26])
    #expect(two.featureNames == Array(all.featureNames[213...] + all.featureNames[..<26]))
    #expect(
      Array(two.test.features[row: 7][(7 * 34)..<(7 * 34 + 8)]).elementsEqual(
        all.test.features[row: 7].suffix(8), by: { $0.isNaN && $1.isNaN || $0 == $1 }))
    #expect(two.digest != all.digest)
  }
}
