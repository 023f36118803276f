import Foundation
import Testing

extension ProcessTests {
  /// `copur detect` and `copur study` as a user starts them.
  struct RobustLearningTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func table() throws -> String {
      var text = "a,b,c,bad\n"
      for row in 0..<120 {
        let x = Double(row % 17) / 17
        text += row % 12 == 0 ? "\(x),\(1 - x),\(3 * x),1\n" : "\(x),\(x + 0.01 * Double(row % 5)),\(x),0\n"
      }
      return try folder.write(text, to: "readings.csv")
    }

    @Test("A table with a truth is judged, and its scores are in a file", .timeLimit(.minutes(2)))
    func detect() async throws {
      let table = try table()
      let found = URL(filePath: table).deletingLastPathComponent().appending(path: "found")
      let finished = try await run(
        Programs.copur(),
        [
          "detect", table, "--truth", "bad", "--share", "truth", "--detector", "isolation-forest", "--detector",
          "{ kind: rca, name: small, epochs: 5, hidden: 8, code: 2, passes: 2 }", "--out", found.path,
        ])
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(finished.output.contains("readings") && finished.output.contains("small"))
      let scores = try String(contentsOf: found.appending(path: "readings-scores.csv"), encoding: .utf8)
      #expect(scores.split(separator: "\n").count == 49)
      #expect(scores.hasPrefix("row,isolation-forest,isolation-forest-anomaly,small,small-anomaly\n"))
      let results = try String(contentsOf: found.appending(path: "results.csv"), encoding: .utf8)
      #expect(try results.split(separator: "\n")[0] == ResultFiles.header("results.csv of `copur detect --out`"))
    }

    @Test(
      "Wrong use of detect is said", .timeLimit(.minutes(1)),
      arguments: [
        (["--share", "truth"], 64, "without the truth"), (["--share", "2"], 64, "from 0 to under 1"),
        (["--detector", "raca"], 64, "a detector is one of"), (["--truth", "worse"], 65, "a column \"worse\""),
      ])
    func wrong(arguments: [String], code: Int32, words: String) async throws {
      let finished = try await run(Programs.copur(), ["detect", try table()] + arguments)
      #expect(finished.code == code, "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
    }

    @Test("A study of a table's last column", .timeLimit(.minutes(2)))
    func study() async throws {
      let finished = try await run(
        Programs.copur(),
        [
          "study", "regression", try table(), "--rule", "standard", "--rule", "prl-l", "--epochs", "3", "--hidden", "8",
          "--share", "0.2",
        ])
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(finished.output.contains("prl-l"))
    }
  }
}
