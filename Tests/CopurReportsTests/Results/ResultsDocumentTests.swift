import CopurCore
import CopurReports
import Foundation
import Testing

final class ResultsDocumentTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static let run: SampleRun = {
    var run = SampleRun()
    run.add("unsecured", "clean", accuracies: [0.8, 0.82])
    run.add("unsecured", "a | b", kinds: ["pgd"], compromised: ["time"], accuracies: [0.1, 0.2])
    run.add("unsecured", "replay", kinds: ["replay"], compromised: ["time"], accuracies: [0.05, 0.5])
    run.add("agent-vote", "clean", accuracies: [0.7, 0.7])
    run.add("agent-vote", "a | b", kinds: ["pgd"], compromised: ["time"], accuracies: [0.6, 0.6])
    run.certificates = [
      CertificateTableTests.row(.agents(["time"]), "agent-vote", right: 24, certified: 21),
      CertificateTableTests.row(.any(1), "agent-vote", right: 24, certified: 15),
    ]
    return run
  }()

  private func write(_ run: SampleRun, to name: String, command: String? = nil) throws -> URL {
    let folder = folder.appending(path: name)
    var record = run.record
    record.command = command
    try record.write(to: folder)
    try RowFile.write(run.rows, as: .jsonLines, to: folder.appending(path: "results.jsonl").path)
    if !run.certificates.isEmpty {
      try RowFile.write(run.certificates, as: .jsonLines, to: folder.appending(path: "certificates.jsonl").path)
    }
    return folder
  }

  private func cells(_ markdown: String, _ defense: String) -> [String]? {
    markdown.split(separator: "\n").first { $0.hasPrefix("| `\(defense)`") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test("Each run has its command, machine and time, the worst attack of each defence, and what is certified")
  func document() throws {
    let first = try write(Self.run, to: "first", command: "copur run s.yaml --in-process")
    var interrupted = SampleRun()
    interrupted.isFinished = false
    interrupted.scenario = "second"
    interrupted.add("unsecured", "clean", accuracies: [0.5])
    let second = try write(interrupted, to: "second")
    let markdown = try ResultsDocument(reading: [first, second]).markdown
    #expect(markdown.hasPrefix("# Results\n"))
    let sections = markdown.components(separatedBy: "\n## ")
    #expect(sections.map { $0.prefix(6) }.dropFirst() == ["sample", "second"])
    #expect(sections[1].contains("- `copur run s.yaml --in-process`\n"))
    #expect(sections[1].contains("2027-01-15 in 90.0 s; "))
    #expect(sections[1].contains("1721 training and 465 test rows; 2 seeds; in-process"))
    #expect(!sections[1].contains("interrupted") && sections[2].contains("The run was interrupted"))
    #expect(!sections[2].contains("copur run"))
    // The worst by mean accuracy, and what is not certified is a dash.
    let unsecured = try #require(cells(sections[1], "unsecured"))
    #expect(
      unsecured[1].hasPrefix("15.0 ± 7.1 (") && unsecured[1].hasSuffix("), a \\"), "a bar in a name is no cell's end")
    let vote = try #require(cells(sections[1], "agent-vote")?.suffix(3).map { $0 })
    #expect(vote == ["50.0 ± 0.0 (37.5 ± 0.0)", "70.0 ± 0.0 (55.0 ± 0.0)", "70.0 ± 0.0 (50.0 ± 0.0)"])
    #expect(
      sections[1].contains("| defence | worst attack | certified, any one agent | certified, time | nobody attacks |"))
  }

  @Test("An excerpt replaces what stands between its two lines, and nothing else")
  func excerpt() throws {
    let document = try ResultsDocument(
      reading: [try write(Self.run, to: "run", command: "copur run s.yaml")], defenses: ["agent-vote"])
    let text = "before\n<!-- results:begin -->\nold\nfigures\n<!-- results:end -->\nafter\n"
    let once = try document.inserting(into: text, file: "README.md")
    #expect(once.hasPrefix("before\n<!-- results:begin -->\n\n| defence |"))
    #expect(once.hasSuffix("Command: `copur run s.yaml`.\n\n<!-- results:end -->\nafter\n"))
    #expect(!once.contains("figures") && !once.contains("unsecured") && once.contains("| `agent-vote` |"))
    #expect(try document.inserting(into: once, file: "README.md") == once)
    for bad in ["", "<!-- results:end -->\n<!-- results:begin -->\n", text + text] {
      let error = #expect(throws: CopurError.self) { try document.inserting(into: bad, file: "README.md") }
      #expect(error?.code == .invalidData && error?.description.contains("README.md") == true)
    }
  }

  @Test("A defence that a run does not have, and a folder without a run, are errors")
  func errors() throws {
    let run = try write(Self.run, to: "run")
    let unknown = #expect(throws: CopurError.self) { try ResultsDocument(reading: [run], defenses: ["copur"]) }
    #expect(unknown?.description.contains("unsecured, agent-vote (actual: \"copur\")") == true)
    let nothing = #expect(throws: CopurError.self) {
      try ResultsDocument(reading: [run, folder.appending(path: "nowhere")])
    }
    #expect(nothing?.code == .missingInput)
  }
}
