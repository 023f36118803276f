import CopurReports
import Testing

struct CertificateTableTests {
  private func row(
    _ compromised: CertificateRow.Compromised, seed: UInt64 = 0, _ predictions: [Int?], _ certified: [Bool]
  ) -> CertificateRow {
    CertificateRow(
      scenario: "s", dataset: "d", seed: seed, defense: "copur", modelVersion: "v", compromised: compromised,
      labels: [0, 1, 1, 0], predictions: predictions, certified: certified)
  }

  @Test("Right, certified, and both: a line a set, mean ± deviation over seeds")
  func table() {
    let table = CertificateTable([
      row(.agents(["a", "b"]), [0, 1, 0, nil], [true, false, true, false]),
      row(.any(1), [0, 1, 0, nil], [true, true, false, false]),
      row(.agents(["a", "b"]), seed: 1, [0, 1, 1, 0], [true, true, true, true]),
      row(.any(1), seed: 1, [0, 1, 1, 0], [false, false, false, false]),
    ])
    #expect(
      table.rendered() == """
        s: d, 4 samples, copur, 2 seeds

        compromised      certified  right or wrong
        ──────────────────────────────────────────
        none           75.0 ± 35.4
        a, b           62.5 ± 53.0     75.0 ± 35.4
        any one agent  25.0 ± 35.4     25.0 ± 35.4

        Percent of the samples; certified: predicted right, and so whatever these agents send or withhold.

        """)
    #expect(CertificateTable([]).rendered() == "no certificates\n")
  }

  @Test("As a line of JSON: the agents or how many, and the rates")
  func json() throws {
    let text = try RowFile.text(
      of: [
        row(.agents(["a"]), [0, 1, 0, nil], [true, false, true, false]),
        row(.any(2), [0, 1, 1, 0], [true, true, false, false]),
      ], as: .jsonLines)
    let start = #"{"scenario":"s","dataset":"d","seed":0,"defense":"copur","model_version":"v","#
    #expect(
      text == start + #""agents":["a"],"any":null,"n":4,"accuracy":0.5,"certified_accuracy":0.25,"certified_rate":0.5}"#
        + "\n" + start + #""agents":null,"any":2,"n":4,"accuracy":1.0,"certified_accuracy":0.5,"certified_rate":0.5}"#
        + "\n")
  }
}
