import CopurReports
import Foundation
import Testing

struct CertificateTableTests {
  /// 240 rows, eight runs of 30; of each the first ones are of class 0, the last 10 of class 1.
  private static let labels = (0..<240).map { $0 % 30 < 20 ? 0 : 1 }

  /// - Parameters:
  ///   - right: How many of each run's rows are predicted right, from the first on.
  ///   - certified: How many of each run's are certified.
  static func row(
    _ compromised: CertificateRow.Compromised, _ defense: String = "copur", seed: UInt64 = 0, right: Int,
    certified: Int
  ) -> CertificateRow {
    CertificateRow(
      scenario: "s", dataset: "d", seed: seed, defense: defense, modelVersion: "v", compromised: compromised,
      labels: labels, predictions: labels.enumerated().map { $0 % 30 < right ? $1 : nil },
      certified: labels.indices.map { $0 % 30 < certified })
  }

  @Test("Right, certified, and both: a line a set, mean ± deviation over seeds, beside a constant guess")
  func table() {
    let table = CertificateTable([
      Self.row(.agents(["a", "b"]), right: 24, certified: 15), Self.row(.any(1), right: 24, certified: 6),
      Self.row(.agents(["a", "b"]), seed: 1, right: 27, certified: 30),
      Self.row(.any(1), seed: 1, right: 27, certified: 0),
    ])
    #expect(
      table.rendered() == """
        s: d, 240 samples, copur, 2 seeds

        compromised      certified     balanced  right or wrong
        ───────────────────────────────────────────────────────
        none            85.0 ± 7.1  77.5 ± 10.6
        a, b           70.0 ± 28.3  61.3 ± 33.6     75.0 ± 35.4
        any one agent  10.0 ± 14.1   7.5 ± 10.6     10.0 ± 14.1

        Percent of the samples; certified: predicted right, and so whatever these agents send or withhold.
        ± one standard deviation, of seeds and of runs of 30 consecutive rows (bootstrap). A constant guess, which nothing changes: 66.7.

        """)
    #expect(CertificateTable([]).rendered() == "no certificates\n")
  }

  @Test("Several defences side by side; what one has no certificates against is a dash")
  func defenses() {
    let lines = CertificateTable([
      Self.row(.any(1), right: 24, certified: 15), Self.row(.any(2), right: 24, certified: 6),
      Self.row(.any(1), "votes", right: 30, certified: 24),
    ]).rendered().split(separator: "\n").map(String.init)
    #expect(lines[0] == "s: d, 240 samples, 2 defences, seed 0")
    #expect(lines[1].contains("copur") && lines[1].contains("votes"))
    let fields = lines.dropFirst(4).prefix(3).map { line in
      line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(fields[0] == ["none", "80.0 ± 0.0", "70.0 ± 0.0", "100.0 ± 0.0", "100.0 ± 0.0"])
    #expect(fields[1] == ["any one agent", "50.0 ± 0.0", "37.5 ± 0.0", "80.0 ± 0.0", "70.0 ± 0.0"])
    #expect(fields[2] == ["any two agents", "20.0 ± 0.0", "15.0 ± 0.0", "–", "–"])
  }

  @Test("A deviation is of seeds and of rows: with one seed it is the bootstrap's")
  func deviation() throws {
    // Half of the runs is right: √(0.25 / 8).
    let labels = [Int](repeating: 0, count: 240)
    let row = CertificateRow(
      scenario: "s", dataset: "d", seed: 0, defense: "copur", modelVersion: "v", compromised: .any(1), labels: labels,
      predictions: labels.indices.map { $0 / 30 % 2 }, certified: labels.map { _ in true })
    #expect(abs(row.certified.deviation - 0.177) < 0.015 && row.certified.value == 0.5)
    #expect(row.certifiedInterval.lowerBound <= 0.25 && row.certifiedInterval.upperBound >= 0.75)
    #expect(row.clean == row.certified && row.majorityRate == 1)
    #expect(CertificateTable([row]).rendered().contains("any one agent  50.0 ± 1"))
  }

  @Test("As a line of JSON: the agents or how many, and the rates; and back")
  func json() throws {
    let rows = [Self.row(.agents(["a"]), right: 15, certified: 30), Self.row(.any(2), right: 30, certified: 6)]
    let text = try RowFile.text(of: rows, as: .jsonLines)
    let start = #"{"scenario":"s","dataset":"d","seed":0,"defense":"copur","model_version":"v","#
    #expect(
      text.split(separator: "\n")[0]
        == start + #""agents":["a"],"any":null,"n":240,"accuracy":0.5,"certified_accuracy":0.5,"certified_rate":1.0,"#
        + #""balanced_accuracy":0.375,"certified_balanced_accuracy":0.375,"majority_rate":0.6666666666666666,"#
        + #""accuracy_deviation":0.0,"balanced_accuracy_deviation":0.0,"certified_accuracy_deviation":0.0,"#
        + #""certified_balanced_accuracy_deviation":0.0,"certified_accuracy_lower":0.5,"certified_accuracy_upper":0.5}"#
    )
    let decoded = try text.split(separator: "\n").map {
      try JSONDecoder().decode(CertificateRow.self, from: Data($0.utf8))
    }
    #expect(decoded == rows)
    for (part, other) in [
      ("\"accuracy\":0.5", "\"accuracy\":1.5"), ("\"any\":null", "\"any\":1"), ("\"n\":240", "\"m\":240"),
    ] {
      #expect(text.contains(part))
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(
          CertificateRow.self, from: Data(text.split(separator: "\n")[0].replacing(part, with: other).utf8))
      }
    }
  }
}
