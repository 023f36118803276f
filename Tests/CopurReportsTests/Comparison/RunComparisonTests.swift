import CopurCore
import CopurReports
import Foundation
import Testing

/// Two runs on the same rows.
final class RunComparisonTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes a run of which each row is right or wrong as a text of `1` and `0` says: of one attack and defence, a seed each.
  @discardableResult
  private func write(
    _ name: String, _ right: [String], labels: String? = nil, attack: String = "flip", keepsPredictions: Bool = true,
    certified: [Int] = [], change: (inout RunRecord) -> Void = { _ in }
  ) throws -> URL {
    let url = folder.appending(path: name)
    var record = SampleRun().record
    record.testDigest = "rows"
    record.seeds = right.indices.map { UInt64($0) }
    change(&record)
    let run = try RunFolder(opening: url)
    for (seed, hits) in right.enumerated() {
      let classesOfRows = labels ?? String(repeating: "0", count: hits.count)
      let labels = classesOfRows.map { digit in digit == "1" ? 1 : 0 }
      let predictions = zip(hits, labels).enumerated().map { sample, row in
        PredictionRow(
          seed: UInt64(seed), attack: attack, defense: "copur", sample: sample, label: row.1,
          prediction: row.0 == "1" ? row.1 : nil)
      }
      let classes = Set(labels)
      let recalls = classes.map { label in
        let rows = predictions.filter { $0.label == label }
        return Double(rows.count { $0.prediction == label }) / Double(rows.count)
      }
      try run.add(
        ResultRow(
          scenario: "sample", dataset: "extrasensory", seed: UInt64(seed), mode: .inProcess, defense: "copur",
          attack: attack, n: hits.count, accuracy: Double(hits.count { $0 == "1" }) / Double(hits.count),
          balancedAccuracy: recalls.reduce(0, +) / Double(recalls.count), majorityRate: 0.5, secondsPerSample: 1e-5),
        keepsPredictions ? predictions : nil)
    }
    for (seed, right) in certified.enumerated() {
      var row = CertificateTableTests.row(.any(1), "copur", right: 24, certified: right)
      row.seed = UInt64(seed)
      try run.add([row])
    }
    try record.write(to: url)
    return url
  }

  private func only(_ comparison: RunComparison) throws -> PairedMeasurement {
    try #require(comparison.measurements.count == 1 ? comparison.measurements.first : nil)
  }

  @Test("Rows that only one has right, their difference and McNemar's p, by hand")
  func byHand() throws {
    // Of 10 rows 2 are right in both, 1 in A alone, 6 in B alone, and 1 in neither.
    let comparison = try RunComparison(
      write("a", ["1110000000"], labels: "0000011111"), write("b", ["1101111110"], labels: "0000011111"))
    let row = try only(comparison)
    #expect((row.first, row.second) == (0.3, 0.8))
    #expect((row.onlyFirstRight, row.onlySecondRight) == (1, 6))
    #expect(abs(row.accuracy.value - 0.5) < 1e-12)
    // Recalls 3/5 and 0/5 in A, 4/5 and 4/5 in B.
    #expect(abs(row.balancedAccuracy.value - 0.5) < 1e-12)
    // 2 · (C(7, 0) + C(7, 1)) / 2⁷.
    #expect(abs((row.p ?? 0) - 0.125) < 1e-12)
    #expect(row.method == .rows)
    // All rows are one run of 30, so that every sample is the rows themselves.
    #expect(row.accuracy.lower == row.accuracy.value && row.accuracy.upper == row.accuracy.value)
    #expect(
      ComparisonTable(comparison).rendered(isTerminal: false)
        .contains("flip    copur    30.0  80.0  +50.0 [50.0, 50.0]"))
  }

  @Test("The interval is of the paired rows: where both fail together it is narrow")
  func paired() throws {
    // 40 runs of 30 rows, half of them wrong in both; B has one row more in every run.
    let blocks = (0..<40).map { $0 % 2 == 0 ? "1" : "0" }
    let first = blocks.map { "0" + String(repeating: $0, count: 29) }.joined()
    let second = blocks.map { "1" + String(repeating: $0, count: 29) }.joined()
    let row = try only(RunComparison(write("a", [first]), write("b", [second])))
    #expect(abs(row.accuracy.value - 1.0 / 30) < 1e-12)
    #expect(abs((row.accuracy.lower ?? 0) - 1.0 / 30) < 1e-9 && abs((row.accuracy.upper ?? 0) - 1.0 / 30) < 1e-9)
    #expect((row.onlyFirstRight, row.onlySecondRight) == (0, 40))
    // 2 / 2⁴⁰.
    #expect(abs((row.p ?? 0) / (2 * pow(0.5, 40)) - 1) < 1e-9)
    // Between runs that are right in one alone it is wide, and has 0 in it.
    let third = blocks.map { String(repeating: $0 == "1" ? "0" : "1", count: 30) }.joined()
    let wide = try only(RunComparison(write("c", [first]), write("d", [third])))
    #expect((wide.accuracy.lower ?? 0) < -0.2 && (wide.accuracy.upper ?? 0) > 0.2)
  }

  @Test("Without predictions in both, Student's interval over the seeds")
  func seeds() throws {
    // Differences 0.1, 0.2 and 0.3: mean 0.2, deviation 0.1, t = 4.302653 with 2 degrees of freedom.
    let comparison = try RunComparison(
      write("a", ["1100000000", "1100000000", "1100000000"], keepsPredictions: false, certified: [10, 12]),
      write("b", ["1110000000", "1111000000", "1111100000"], certified: [10, 18]))
    let row = try only(comparison)
    #expect(row.method == .seeds && row.p == nil && row.onlyFirstRight == nil && row.seeds == [0, 1, 2])
    let half = 4.302653 * 0.1 / 3.0.squareRoot()
    #expect(abs(row.accuracy.value - 0.2) < 1e-12)
    #expect(
      abs((row.accuracy.lower ?? 0) - (0.2 - half)) < 1e-6 && abs((row.accuracy.upper ?? 0) - (0.2 + half)) < 1e-6)
    let certificate = try #require(comparison.certificates.first)
    #expect(certificate.seeds == [0, 1] && certificate.compromised == "any one agent")
    #expect(abs(certificate.certified.value - (certificate.second - certificate.first)) < 1e-12)
    // One seed has a difference, and nothing that says how far it is off.
    let one = try only(RunComparison(write("c", ["10"], keepsPredictions: false), write("d", ["11"])))
    #expect(one.accuracy.value == 0.5 && one.accuracy.lower == nil && one.accuracy.upper == nil)
  }

  @Test("Several seeds are averaged row by row, and their p is twice the mean")
  func severalSeeds() throws {
    let row = try only(
      RunComparison(write("a", ["0000", "1000"]), write("b", ["1111", "1001"])))
    #expect(row.accuracy.value == 0.625 && (row.onlyFirstRight, row.onlySecondRight) == (0, 5))
    // 2 · ½⁴ and 1, since 2 · ½ is.
    #expect(row.p == 1)
    #expect(
      abs(
        (try only(RunComparison(write("c", ["00000000", "00000000"]), write("d", ["11111111", "11111110"]))).p ?? 0)
          - (2 * pow(0.5, 8) + 2 * pow(0.5, 7))) < 1e-12)
  }

  @Test("Folded, no line of the table is longer than it may be, and every figure is there")
  func folded() throws {
    let attack = "any one agent, the worst of twenty replays of its own"
    let table = ComparisonTable(
      try RunComparison(
        write("a", ["1110000000"], attack: attack, certified: [10]),
        write("b", ["1101111110"], attack: attack, certified: [18])))
    let wide = table.rendered(isTerminal: false)
    #expect(table.rendered(isTerminal: false, width: 400) == wide)
    for width in [100, 80, 60] {
      let folded = table.rendered(isTerminal: false, width: width)
      // The first lines name folders, which are as long as they are.
      let lines = folded.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2)
      #expect(lines.allSatisfy { $0.count <= width }, "\(folded)")
      #expect(lines.count { $0.hasPrefix("attack ") } > 1)
      for number in wide.matches(of: /[0-9]+\.[0-9]+/).map({ String($0.0) }) { #expect(folded.contains(number)) }
    }
  }

  @Test("What only one has is listed, and nothing in common is refused")
  func apart() throws {
    let comparison = try RunComparison(write("a", ["10", "10"]), write("b", ["11"], certified: [10]))
    #expect(comparison.onlyInFirst == ["flip against copur, seed 1"])
    #expect(comparison.onlyInSecond == ["certificates of copur against any one agent, seed 0"])
    #expect(try only(comparison).seeds == [0])
    #expect(
      ComparisonTable(comparison).rendered(isTerminal: false).contains("\nOnly in A:\n  flip against copur, seed 1\n"))
    let page = try Page(ComparisonPage(comparison).html)
    #expect(page.table("Accuracy, in percent")?[1].prefix(4) == ["flip", "copur", "50.0", "100.0"])
    let json = try JSONSerialization.jsonObject(with: Data(comparison.json().utf8)) as? [String: Any]
    #expect((json?["only_in_first"] as? [String])?.count == 1)
    let error = #expect(throws: CopurError.self) {
      try RunComparison(write("c", ["10"]), write("d", ["11"], attack: "else"))
    }
    #expect(error?.code == .invalidArgument && error?.message.contains("(in common: none)") == true)
  }

  @Test("Other test rows are refused: other content, other counts, other labels")
  func otherRows() throws {
    func refusal(_ first: URL, _ second: URL) -> String {
      let error = #expect(throws: CopurError.self) { try RunComparison(first, second) }
      #expect(error?.code == .invalidArgument)
      return error?.message ?? ""
    }
    let first = try write("a", ["10"])
    #expect(
      try refusal(first, write("b", ["10"]) { $0.testDigest = "others" }).contains("their features or agents differ"))
    #expect(
      try refusal(
        first,
        write("c", ["10"]) {
          ($0.testDigest, $0.testRows) = ("others", 7)
        }
      ).contains("465 of extrasensory, 7 of extrasensory"))
    #expect(
      try refusal(
        first,
        write("d", ["10"]) {
          ($0.testDigest, $0.datasetDigest) = (nil, "f")
        }
      ).contains("an older record"))
    #expect(try refusal(first, write("e", ["10"], labels: "01")).contains("other rows or labels"))
    // An older record of the same data is good enough.
    #expect(try RunComparison(first, write("f", ["11"]) { $0.testDigest = nil }).measurements.count == 1)
  }
}
