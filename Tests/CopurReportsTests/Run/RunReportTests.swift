import CopurCore
import CopurReports
import Foundation
import Testing

/// Reports from the files of a run.
final class RunReportTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static let run: SampleRun = {
    var run = SampleRun()
    run.add("unsecured", "clean", accuracies: [0.8, 0.81])
    run.add("copur", "flip", kinds: ["feature-flipping"], compromised: ["time"], amplification: 10, accuracies: [0.8]) {
      $0.suspects = SuspectRates(precision: 0.5, recall: 1, falseAlarmRate: 0.1)
      $0.residuals = [
        AgentResiduals(agent: "time", quartiles: Quartiles(lower: 1, median: 2, upper: 3)),
        AgentResiduals(agent: "acc", quartiles: nil),
      ]
      $0.reconstruction = ReconstructionError(mean: 2, quartiles: Quartiles(lower: 1, median: 1.5, upper: 3))
      $0.attackSuccessRate = 0.25
      $0.changeNorm = 12.5
      $0.search = "greedy"
      $0.warnings = ["weak"]
    }
    return run
  }()

  private func write(_ run: SampleRun) throws {
    try run.record.write(to: folder)
    try RowFile.write(run.rows, as: .jsonLines, to: path("results.jsonl"))
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func error() -> CopurError? {
    #expect(throws: CopurError.self) { try RunReport(reading: self.folder) }
  }

  @Test("From the files comes what was written: the same rows, the same page")
  func roundTrip() throws {
    try write(Self.run)
    let report = try RunReport(reading: folder)
    #expect(report.rows == Self.run.rows)
    #expect(report.html == Self.run.report.html)
    let file = try report.write(to: folder)
    #expect(file.lastPathComponent == "report.html")
    #expect(try String(contentsOf: file, encoding: .utf8) == report.html)
  }

  @Test("The page has its style sheet in it, as the file has it, and loads nothing")
  func styleSheet() throws {
    let source = URL(filePath: #filePath).appending(path: "../../../../Sources/CopurReports/Resources/report.css")
    let sheet = try String(contentsOf: source.standardized, encoding: .utf8)
    let html = Self.run.report.html
    #expect(sheet.contains("@media print") && html.contains("<style>\n\(sheet)</style>"))
    #expect(!html.contains("<link") && !html.contains("<script") && !html.contains(" src=") && !html.contains("url("))
  }

  @Test("An interrupted run has a report that says so, even before anything was measured")
  func interrupted() throws {
    var run = Self.run
    run.isFinished = false
    run.rows.removeLast()
    try write(run)
    let page = try Page(RunReport(reading: folder).html)
    #expect(page.texts("p").contains { $0.hasPrefix("Interrupted.") && $0.hasSuffix("2 trials.") })
    #expect(page.texts("dd").contains("interrupted"))
    #expect(try !Self.run.page().source.contains("Interrupted"))

    run.rows = []
    try write(run)
    let empty = try Page(RunReport(reading: folder).html)
    #expect(empty.texts("p").contains("Nothing was measured."))
  }

  @Test("Fields that this program does not know are passed over, those that came later may be left out")
  func otherVersions() throws {
    try write(Self.run)
    let line =
      #"{"scenario":"sample","dataset":"extrasensory","seed":9,"mode":"in-process","defense":"copur","attack":"clean","#
      + #""attack_kinds":[],"goal":null,"compromised":[],"missing":[],"amplification":null,"n":465,"accuracy":0.5,"#
      + #""balanced_accuracy":0.5,"majority_rate":0.7,"attack_success_rate":null,"seconds_per_sample":1,"novelty":[1]}"#
    try Data(("\n" + line + "\n").utf8).write(to: folder.appending(path: "results.jsonl"))
    #expect(try RunReport(reading: folder).rows.map(\.seed) == [9])
    let record = try String(contentsOfFile: path("run.json"), encoding: .utf8)
    try Data(record.replacing("{\n  \"bundles\"", with: "{\n  \"novelty\": 1,\n  \"bundles\"").utf8)
      .write(to: folder.appending(path: "run.json"))
    #expect(try String(contentsOfFile: path("run.json"), encoding: .utf8).contains("novelty"))
    #expect(try RunReport(reading: folder).rows.count == 1)
  }

  @Test("A file that is not there is named")
  func missing() throws {
    #expect(error()?.code == .missingInput && error()?.message.hasPrefix(path("run.json")) == true)
    try Self.run.record.write(to: folder)
    #expect(error()?.code == .missingInput && error()?.message.hasPrefix(path("results.jsonl")) == true)
  }

  @Test(
    "A malformed line is named with its number and what is wrong with it",
    arguments: [
      ("\"accuracy\":0.8,", "\"accuracy\":1.5,", "accuracy: a number from 0.0 to 1.0 (actual: 1.5)"),
      ("\"accuracy\":0.8,", "", "there is no key \"accuracy\""),
      ("\"mode\":\"in-process\"", "\"mode\":\"elsewhere\"", "mode: "),
      ("[1.0,2.0,3.0]", "[1.0,2.0]", "residuals[0].quartiles: quartiles are three numbers from 0 in ascending order"),
      ("\"seed\":0", "\"seed\":-1", "a number is out of its range"), ("{\"scenario\"", "\"scenario\"", "no JSON: "),
    ])
  func malformed(part: String, replacement: String, reason: String) throws {
    try write(Self.run)
    var lines = try String(contentsOfFile: path("results.jsonl"), encoding: .utf8).split(separator: "\n").map(
      String.init)
    #expect(lines.count == 3 && lines[2].contains(part))
    lines[2] = lines[2].replacing(part, with: replacement)
    try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "results.jsonl"))
    let error = error()
    #expect(error?.code == .invalidData)
    #expect(
      error?.message.hasPrefix("\(path("results.jsonl")):3: not a row of results (\(reason)") == true,
      "\(error?.message ?? "")")
  }

  @Test("A malformed record is named with what is wrong with it")
  func malformedRecord() throws {
    try write(Self.run)
    let record = try String(contentsOfFile: path("run.json"), encoding: .utf8)
    try Data(record.replacing("\"seeds\"", with: "\"sads\"").utf8).write(to: folder.appending(path: "run.json"))
    #expect(error()?.message == "\(path("run.json")): not the record of a run (there is no key \"seeds\")")
    try Data("{".utf8).write(to: folder.appending(path: "run.json"))
    #expect(error()?.code == .invalidData)
  }

  @Test("Rows of another run, or one twice, make no report")
  func foreignRows() throws {
    var run = Self.run
    run.rows.append(run.rows[0])
    try write(run)
    #expect(error()?.message.hasSuffix("are measured once (twice: 0, clean, unsecured)") == true)
    run.rows = [Self.run.rows[0]]
    run.rows[0].scenario = "another"
    try write(run)
    #expect(error()?.code == .invalidData && error()?.message.contains("actual: another, extrasensory") == true)
  }

  @Test("Hostile names stay text: the page parses, has no script, and loads nothing")
  func hostile() throws {
    let name = "</title><script>alert(1)</script>\u{1}<img src=x onerror='a'>&\"\u{202E}"
    var run = SampleRun(scenario: name, dataset: name)
    run.add(name, name, kinds: [name], goal: name, compromised: [name], missing: [name], accuracies: [0.5, 0.6]) {
      $0.residuals = [AgentResiduals(agent: name, quartiles: Quartiles(lower: 1, median: 2, upper: 3))]
      $0.reconstruction = ReconstructionError(mean: 2, quartiles: Quartiles(lower: 1, median: 1.5, upper: 3))
      $0.suspects = SuspectRates(recall: 1)
    }
    for amplification in [1.0, 2] {
      run.add(
        name, "\(name)\(amplification)", kinds: ["feature-flipping"], compromised: [name], amplification: amplification,
        accuracies: [0.5])
    }
    let page = try run.page()
    #expect(page.elements("script").isEmpty && page.elements("img").isEmpty && page.elements("link").isEmpty)
    #expect(page.texts("h1").first?.contains("<script>alert(1)</script>\u{FFFD}<img") == true)
    #expect(page.texts("title").first?.hasSuffix("– copur") == true)
    #expect(!page.source.contains("src=\"") && !page.source.contains("url(") && !page.source.contains("@import"))
    for link in page.elements("a") { #expect(link.value("href")?.hasPrefix("#") == true) }
  }

  @Test("Names of elements are unique, tables have headers with a scope, drawings a title and a description")
  func accessibility() throws {
    let page = try Self.run.page()
    let ids = page.source.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
    #expect(Set(ids).count == ids.count && ids.count > 10)
    #expect(
      page.elements("th").allSatisfy {
        ["row", "col", "colgroup"].contains($0.value("scope"))
      })
    let drawings = page.elements("svg").filter { $0.value("aria-hidden") == nil }
    #expect(!drawings.isEmpty)
    for drawing in drawings {
      let names =
        drawing.value("aria-labelledby")?.split(separator: " ").map(String.init) ?? []
      #expect(names.count == 2 && names.allSatisfy { page.element(id: $0) != nil })
    }
  }

  @Test("Numbers at the end of what a float holds are drawn somewhere, not a trap")
  func extremes() throws {
    var run = SampleRun()
    let most = Double(Float.greatestFiniteMagnitude)
    for (attack, value) in [("none", 0), ("most", most)] {
      run.add("copur", attack, kinds: ["x"], compromised: ["time"], accuracies: [0, 1]) {
        let quartiles = Quartiles(lower: 0, median: value, upper: value)
        $0.residuals = [AgentResiduals(agent: "time", quartiles: quartiles)]
        $0.reconstruction = ReconstructionError(mean: value, quartiles: quartiles)
        $0.secondsPerSample = .greatestFiniteMagnitude
      }
    }
    let page = try run.page()
    #expect(page.element(id: "residual-0-1-description") != nil && !page.source.contains("nan"))
  }
}
