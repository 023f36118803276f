import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("AblatedPixelTraining")
struct AblatedPixelTrainingTests {
  private let shape = ImageShape(rows: 8, columns: 8, channels: 1)

  /// A bright half, the left or the right one, in noise.
  private func pictures(_ count: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { $0 % 2 }
    let rows = labels.map { label in
      (0..<64).map { pixel in
        ((pixel % 8 < 4) == (label == 0) ? 0.6 : 0) + 0.4 * Float(generator.uniform())
      }
    }
    return (Matrix(rows), labels)
  }

  private func settings(_ encoding: NullEncoding = .twoChannel) -> AblatedPixelTraining.Settings {
    var settings = AblatedPixelTraining.Settings(shape: shape, classes: 2, keep: 8, encoding: encoding)
    (settings.channels, settings.hidden) = ([4, 8], [16])
    (settings.epochs, settings.batch, settings.seed) = (6, 16, 3)
    (settings.rate, settings.laterRate) = (0.05, 0.005)
    return settings
  }

  private func temporaryFile() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString).plist")
  }

  @Test("training learns what few pixels show", arguments: [NullEncoding.twoChannel, .mean([0.5])])
  func learning(encoding: NullEncoding) throws {
    var training = try AblatedPixelTraining(settings(encoding))
    let (rows, labels) = pictures(200, seed: 1)
    var losses: [Float] = []
    while !training.isComplete { losses.append(try training.runEpoch(rows, labels: labels)) }
    #expect(losses.count == 6 && losses[5] < losses[0])
    let (others, truth) = pictures(20, seed: 2)
    let votes = try training.model.votes(others, by: .init(choosing: 30, bounding: 100))
    let outcomes = training.model.certify(votes, labels: truth, by: .majority)
    #expect(outcomes.certified(against: 0) >= 18 && outcomes.certified(against: 1) >= 10)
  }

  @Test("a training that is stopped, written, read and continued has the same bits")
  func resuming() throws {
    let (rows, labels) = pictures(70, seed: 4)
    var whole = try AblatedPixelTraining(settings())
    for _ in 0..<4 { try whole.runEpoch(rows, labels: labels) }
    let file = temporaryFile()
    defer { try? FileManager.default.removeItem(at: file) }
    var part = try AblatedPixelTraining(settings())
    for _ in 0..<4 {
      try part.save(to: file)
      part = try AblatedPixelTraining(reading: file)
      try part.runEpoch(rows, labels: labels)
    }
    #expect(part.epoch == 4 && part.settings == whole.settings)
    #expect(part.model.network == whole.model.network)
    // Not because nothing happens.
    #expect(try whole.model.network != AblatedPixelTraining(settings()).model.network)
  }

  @Test("steps grow in the warm-up, and shrink in the second half")
  func rates() {
    var settings = AblatedPixelTraining.Settings(shape: shape, classes: 2, keep: 8)
    #expect(
      settings.rate(epoch: 0, step: 0, stepsOfAnEpoch: 469) == 0.01
        && settings.rate(epoch: 199, step: 1, stepsOfAnEpoch: 469) == 0.01)
    #expect(
      settings.rate(epoch: 200, step: 1, stepsOfAnEpoch: 469) == 0.001
        && settings.rate(epoch: 399, step: 1, stepsOfAnEpoch: 469) == 0.001)
    settings.warmUpSteps = 200
    #expect(
      settings.rate(epoch: 0, step: 99, stepsOfAnEpoch: 469) == 0.005
        && settings.rate(epoch: 0, step: 200, stepsOfAnEpoch: 469) == 0.01)
    settings.schedule = .oneCycle
    settings.rate = 0.05
    // A fifth of 400 · 469 steps up, the rest down.
    #expect(settings.rate(epoch: 0, step: 0, stepsOfAnEpoch: 469) < 0.003)
    #expect(abs(settings.rate(epoch: 80, step: 80 * 469, stepsOfAnEpoch: 469) - 0.05) < 1e-4)
    #expect(settings.rate(epoch: 399, step: 400 * 469 - 1, stepsOfAnEpoch: 469) < 1e-6)
  }

  @Test("settings, rows and files that break a rule end as errors")
  func errors() throws {
    var wrong = settings()
    wrong.keep = 65
    #expect(throws: CopurError.self) { try AblatedPixelTraining(wrong) }
    wrong = settings(.mean([0.1, 0.2]))
    #expect(throws: CopurError.self) { try AblatedPixelTraining(wrong) }
    wrong = settings()
    wrong.shape = ImageShape(rows: .max, columns: 8, channels: 1)
    #expect(throws: CopurError.self) { try AblatedPixelTraining(wrong) }

    var training = try AblatedPixelTraining(settings())
    let (rows, labels) = pictures(4, seed: 4)
    #expect(throws: CopurError.self) { try training.runEpoch(rows, labels: [0, 1, 2, 0]) }
    #expect(throws: CopurError.self) { try training.runEpoch(rows, labels: [0]) }
    #expect(throws: CopurError.self) { try training.runEpoch(Matrix(rows: 4, columns: 63), labels: labels) }
    #expect(training.epoch == 0)

    let file = temporaryFile()
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: CopurError.self) { try AblatedPixelTraining(reading: file) }
    try training.runEpoch(rows, labels: labels)
    try training.save(to: file)
    let good = try Data(contentsOf: file)
    for damaged in [Data(), good.prefix(good.count / 2), Data("{}".utf8)] {
      try damaged.write(to: file)
      #expect(throws: CopurError.self) { try AblatedPixelTraining(reading: file) }
    }
    // A state of momentum that is shorter than the parameters would be written beyond its end.
    var plist = try #require(
      PropertyListSerialization.propertyList(from: good, format: nil) as? [String: Any])
    let state = try #require(plist["optimizer"] as? Data)
    var optimizer = try #require(PropertyListSerialization.propertyList(from: state, format: nil) as? [String: Any])
    var first = try #require(optimizer["first"] as? [Data])
    first[0] = first[0].prefix(4)
    optimizer["first"] = first
    plist["optimizer"] = try PropertyListSerialization.data(fromPropertyList: optimizer, format: .binary, options: 0)
    try PropertyListSerialization.data(fromPropertyList: plist, format: .binary, options: 0).write(to: file)
    #expect(throws: CopurError.self) { try AblatedPixelTraining(reading: file) }
  }
}
