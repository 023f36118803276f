import CopurNumerics
import Foundation
import Testing

extension ProcessTests {
  /// The words about a defence that training chose.
  struct ChoiceTests {
    private let folder: TestFolder
    private let scenario: String

    init() throws {
      folder = try TestFolder()
      var generator = SeededGenerator(seed: 8)
      var lines = ["a.x,a.y,b.x,b.y,c.x,c.y,label"]
      for _ in 0..<160 {
        let cells = (0..<6).map { _ in String(Float(generator.normal())) }
        lines.append((cells + [Bool.random(using: &generator) ? "high" : "low"]).joined(separator: ","))
      }
      let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "noise.csv")
      scenario = try folder.write(
        """
        name: noise
        dataset:
          kind: csv
          file: \(file)
          label: label
          classes: [low, high]
          train_rows: 120
          agents: { a: ["a.*"], b: ["b.*"], c: ["c.*"] }
        training: { embedding: 2, epochs: 2, hidden: 4, fusion: { epochs: 2 } }
        protect: { any: 1 }
        defenses: [unsecured, auto]
        attacks: [{ name: clean }]
        """, to: "noise.yaml")
    }

    /// The labels follow from nothing, so that no defence of them is worth anything.
    @Test(
      "Nothing to protect: said before any test row, in results and report, by training and by the service",
      .timeLimit(.minutes(1)))
    func nothingToProtect() async throws {
      let words = "nothing to protect here from any 1"
      let finished = try await run(
        Programs.copur(), ["run", scenario, "--in-process", "--no-cache", "--out", folder.path("out")])
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(finished.errors.contains("warning: auto, seed 0: \(words)"))
      #expect(finished.output.contains(words))
      #expect(folder.lines(of: "out/results.csv").contains { $0.contains(words) })
      #expect(folder.lines(of: "out/run.json").contains { $0.contains("nothing-to-protect") })
      let report = folder.lines(of: "out/report.html").joined(separator: "\n")
      #expect(report.contains("What training chose") && report.contains("protect any 1: ") && report.contains(words))

      let trained = try await run(
        Programs.copur(), ["train", scenario, "--defense", "auto", "--out", folder.path("bundle")])
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.output.contains("warning: \(words)") && trained.output.contains("was chosen: "))
      try await withProgram(
        Programs.copur(),
        ["serve", folder.path("bundle"), "--insecure", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]
      ) { center in
        try await center.errors.line(containing: "protect any 1: ")
        try await center.errors.line(containing: words)
        let address = try await center.output.line(containing: "copur: serving ").dropFirst("copur: serving ".count)
        // The stream of events has no end.
        let events = "curl -sN -m 20 '\(address)/events' | grep -m 1 -o '\(words)'"
        #expect(try await run("/bin/sh", ["-c", events]).output == words)
      }
    }
  }
}
