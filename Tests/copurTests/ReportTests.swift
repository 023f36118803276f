import Foundation
import Testing

extension ProcessTests {
  /// `copur report` on the folder of a run.
  struct ReportTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func report(_ name: String) async throws -> FinishedProgram {
      try await run(Programs.copur(), ["report", folder.path(name)])
    }

    @Test("A run writes its report, and the report can be made anew from the run's files", .timeLimit(.minutes(1)))
    func again() async throws {
      let workshop = try await Workshop.shared.value
      let scenario = try folder.write(SmallScenario().text, to: "small.yaml")
      let first = try await run(
        Programs.copur(),
        ["run", scenario, "--in-process", "--out", folder.path("out"), "--cache", workshop.cache])
      #expect(first.code == 0, "\(first.errors)")
      let page = folder.lines(of: "out/report.html")
      #expect(page.first == "<!DOCTYPE html>" && page.contains { $0.contains("fashion-mnist") })
      #expect(!page.contains { $0.contains(folder.url.path) })

      try FileManager.default.removeItem(atPath: folder.path("out/report.html"))
      let report = try await report("out")
      #expect(report.code == 0, "\(report.errors)")
      #expect(report.output == "Report: \(folder.path("out"))/report.html")
      #expect(folder.lines(of: "out/report.html") == page)

      // The same run's tables in Markdown, as a file and in another text.
      let results = try await run(
        Programs.copur(), ["results", folder.path("out"), "--output", folder.path("RESULTS.md")])
      #expect(results.code == 0 && results.output.isEmpty, "\(results.errors)")
      let tables = folder.lines(of: "RESULTS.md")
      #expect(
        tables.contains("- `copur run \(scenario) --in-process`") && tables.contains { $0.hasPrefix("| `copur` |") })
      let readme = try folder.write("<!-- results:begin -->\n<!-- results:end -->\nrest\n", to: "README.md")
      let excerpt = try await run(Programs.copur(), ["results", folder.path("out"), "--excerpt", readme])
      #expect(excerpt.code == 0, "\(excerpt.errors)")
      #expect(folder.lines(of: "README.md").last == "rest" && folder.lines(of: "README.md").count > 6)
      let missing = try await run(
        Programs.copur(), ["results", folder.path("out"), "--excerpt", folder.path("none.md")])
      #expect(missing.code == 66 && missing.errors.contains("none.md"), "\(missing.errors)")
      let unwritable = try await run(
        Programs.copur(), ["results", folder.path("out"), "--output", folder.path("no/RESULTS.md")])
      #expect(unwritable.code == 73, "\(unwritable.errors)")
    }

    @Test("Without a run there is no report: exit 66; with a broken one, exit 65 and the line")
    func errors() async throws {
      let none = try await report("nowhere")
      #expect(none.code == 66 && none.errors.contains("run.json"), "\(none.errors)")
      let workshop = try await Workshop.shared.value
      let scenario = try folder.write(SmallScenario(attacks: ["{ name: clean }"]).text, to: "small.yaml")
      _ = try await run(
        Programs.copur(),
        ["run", scenario, "--in-process", "--out", folder.path("out"), "--cache", workshop.cache])
      try folder.write(folder.lines(of: "out/results.jsonl")[0] + "\nnonsense\n", to: "out/results.jsonl")
      let broken = try await report("out")
      #expect(broken.code == 65 && broken.errors.contains("results.jsonl:2: "), "\(broken.errors)")
    }
  }
}
