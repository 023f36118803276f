import CopurCore
import CopurReports
import Foundation
import Testing

struct BenchThresholdsTests {
  private static let lines: [JSONValue] = [
    .object(["engine": .string("schedule"), "batch": .number(1), "seconds": .number(2)]),
    .object([
      "engine": .string("copur"), "batch": .number(1), "seconds": .number(0.5),
      "times_faster_than": .object(["other-1": .number(12)]),
    ]),
    .object(["engine": .string("copur"), "batch": .number(256), "seconds": .number(0.25), "objective": .null]),
  ]

  @Test(
    "A figure, or its ratio to that of another line, is compared with its bound",
    arguments: [
      (
        BenchThreshold(name: "time", where: ["engine": .string("copur")], measure: "seconds", most: 0.5), "0.5, 0.25",
        true
      ),
      (
        BenchThreshold(name: "one too slow", where: ["engine": .string("copur")], measure: "seconds", most: 0.4),
        "0.5, 0.25", false
      ),
      (BenchThreshold(name: "too few", where: ["batch": .number(256)], measure: "seconds", least: 0.3), "0.25", false),
      (
        BenchThreshold(name: "both", where: ["batch": .number(256)], measure: "seconds", least: 0.2, most: 0.3), "0.25",
        true
      ),
      (
        BenchThreshold(
          name: "ratio", where: ["engine": .string("copur"), "batch": .number(1)], measure: "seconds",
          over: ["engine": .string("schedule")], most: 0.3), "0.25", true
      ),
      (
        BenchThreshold(
          name: "ratio to what was not measured", where: ["engine": .string("copur"), "batch": .number(256)],
          measure: "seconds", over: ["engine": .string("schedule")], most: 0.3), nil, true
      ),
      (BenchThreshold(name: "inside", measure: "times_faster_than.other-1", least: 10), "12", true),
      (BenchThreshold(name: "no number", measure: "objective", least: 10), nil, true),
      (BenchThreshold(name: "another code", where: ["code": .number(150)], measure: "seconds", most: 1), nil, true),
      (
        BenchThreshold(name: "this code", where: ["code": .number(2)], measure: "seconds", least: 1), "2, 0.5, 0.25",
        false
      ),
    ] as [(BenchThreshold, String?, Bool)])
  func bounds(_ threshold: BenchThreshold, figures: String?, isKept: Bool) {
    let comparison = BenchThresholds([threshold]).compared(with: Self.lines, settings: ["code": .number(2)])
    #expect(comparison.missed == (isKept ? [] : [threshold.name]))
    #expect(comparison.isEmpty == (figures == nil))
    let state = figures == nil ? "not measured" : isKept ? "kept" : "missed"
    #expect(comparison.text.hasPrefix("\(state): \(threshold.name): \(figures.map { "\($0), " } ?? "")at "))
    #expect(comparison.text.hasSuffix("\n"))
  }

  @Test("A figure that is no number keeps within no bound")
  func notANumber() {
    #expect(!BenchThreshold(name: "x", measure: "x", most: 1).allows(.nan))
    #expect(!BenchThreshold(name: "x", measure: "x", least: 1).allows(.nan))
  }

  private func thresholds(_ text: String, of benchmark: BenchThresholds.Benchmark = .purify) throws -> BenchThresholds {
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    return try BenchThresholds(reading: file.path, of: benchmark)
  }

  @Test("A threshold in JSON has a name, a measure and a bound, conditions and a base if it needs them")
  func reading() throws {
    let read = try thresholds(
      """
      { "purify": [{ "name": "a", "where": { "code": 2, "engine": "copur" }, "measure": "s", "over": { "engine": "p" },
        "at_least": 1, "at_most": 2.5 }], "network": [] }
      """)
    #expect(
      read.thresholds == [
        BenchThreshold(
          name: "a", where: ["code": .number(2), "engine": .string("copur")], measure: "s",
          over: ["engine": .string("p")], least: 1, most: 2.5)
      ])
  }

  @Test(
    "A file that is no thresholds is an error that says where and why",
    arguments: [
      ("{", "no JSON"), ("[]", "not thresholds"), (#"{ "purify": [] }"#, "there is no threshold of purify"),
      (#"{ "network": [] }"#, "there is no threshold of purify"),
      (#"{ "train": [], "purify": [] }"#, "purify, products, network (actual: train)"),
      (#"{ "purify": [{ "measure": "s", "at_most": 1 }] }"#, #"purify[0]: there is no key "name""#),
      (#"{ "purify": [{ "name": "a", "measure": "s" }] }"#, "purify[0]: a threshold has at_least or at_most"),
      (
        #"{ "purify": [{ "name": "a", "measure": "s", "at_lest": 1, "at_most": 1 }] }"#,
        "at_least, at_most, measure, name, over, where (actual: at_lest)"
      ),
    ])
  func faults(_ text: String, _ reason: String) {
    let error = #expect(throws: CopurError.self) { try thresholds(text) }
    #expect(error?.code == .invalidData && error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test("A file that is not there is missing input")
  func missing() {
    let error = #expect(throws: CopurError.self) { try BenchThresholds(reading: "/nowhere/x.json", of: .network) }
    #expect(error?.code == .missingInput)
  }

  @Test(
    "The project's thresholds can be read, and names tell them apart", arguments: BenchThresholds.Benchmark.allCases)
  func ours(of benchmark: BenchThresholds.Benchmark) throws {
    let file = URL(filePath: #filePath).appending(path: "../../../../Deploy/bench/thresholds.json").standardized
    let names = try BenchThresholds(reading: file.path, of: benchmark).thresholds.map(\.name)
    #expect(!names.isEmpty && Set(names).count == names.count)
  }
}
