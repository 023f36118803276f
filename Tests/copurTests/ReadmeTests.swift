import Foundation
import Testing

extension ProcessTests {
  /// The README's commands as they stand there, on scenarios with fewer rows, epochs and seeds.
  struct ReadmeTests {
    /// The text outside of fences, and what stands in each of them after its first line.
    private let prose: [String]
    private let blocks: [String]
    private let folder: TestFolder

    init() throws {
      folder = try TestFolder()
      let text = try String(contentsOf: Programs.package.appending(path: "README.md"), encoding: .utf8)
      let parts = text.components(separatedBy: "```").enumerated()
      prose = parts.filter { $0.offset % 2 == 0 }.map(\.element)
      blocks = parts.filter { $0.offset % 2 == 1 }.map { part in
        String(part.element.drop { $0 != "\n" }.dropFirst())
      }
    }

    private func block(with text: String) throws -> String {
      try #require(blocks.first { $0.contains(text) }, "README.md has no block with \(text)")
    }

    /// A folder like the repository's root, with `copur` on the `PATH` and smaller scenarios.
    private func prepare() throws {
      for name in ["bin", "scenarios/fashion-mnist", "scenarios/protect"] {
        try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("bin/copur"), withDestinationPath: Programs.copur())
      for name in ["scenarios/fashion-mnist/quick.yaml", "scenarios/protect/fashion-mnist.yaml"] {
        let text = try String(contentsOf: Programs.package.appending(path: name), encoding: .utf8)
        let small = text.replacing(/train_rows: \d+/, with: "train_rows: 300").replacing(
          /test_rows: \d+/, with: "test_rows: 40"
        )
        .replacing(/epochs: \d+/, with: "epochs: 2").replacing(/seeds: \[.*\]/, with: "seeds: [0]")
        #expect(small != text)
        try folder.write(small, to: name)
      }
    }

    private func play(_ commands: String) async throws -> FinishedProgram {
      try await run(
        Programs.system("bash"), ["-ec", "cd '\(folder.url.path)'\n\(commands)"],
        environment: [
          "PATH": "\(folder.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")",
          "XDG_CACHE_HOME": folder.path("cache"),
        ])
    }

    @Test("A scenario runs, and its report and tables are written", .timeLimit(.minutes(2)))
    func scenario() async throws {
      try prepare()
      let finished = try await play(block(with: "copur run "))
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(
        finished.output.contains("any one agent, adaptive") && finished.output.contains("Report: results/report.html"))
      #expect(folder.lines(of: "tables.md").contains { $0.hasPrefix("| `agent-vote` |") })
    }

    @Test("The scenario that it shows is one, and runs", .timeLimit(.minutes(2)))
    func shownScenario() async throws {
      try prepare()
      let text = try block(with: "name: four-quarters")
      try folder.write(
        text.replacing("train_rows: 6000", with: "training_rows: 300").replacing(
          "seeds: [0, 1, 2]", with: "seeds: [0]"),
        to: "wrong.yaml")
      let wrong = try await play("copur run wrong.yaml --in-process")
      #expect(wrong.code == 78 && wrong.errors.contains("wrong.yaml:2:"), "\(wrong.errors)")
      let small = text.replacing("train_rows: 6000, test_rows: 1000", with: "train_rows: 300, test_rows: 40")
        .replacing("seeds: [0, 1, 2]", with: "seeds: [0]")
        .replacing("seeds:", with: "training: { epochs: 2, fusion: { epochs: 2 }, voters: { epochs: 2 } }\nseeds:")
      #expect(small != text)
      try folder.write(small, to: "four.yaml")
      let finished = try await play("copur run four.yaml --in-process")
      #expect(finished.code == 0 && finished.output.contains("one adaptive"), "\(finished.errors)")
    }

    @Test("A defence is chosen and served; four agents, and every round in the journal", .timeLimit(.minutes(3)))
    func service() async throws {
      try prepare()
      // Only the port is another, which is free; the service ends with the shell, by its own number.
      let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
      let port = try await run(try Programs.python(), ["-c", free]).output
      let commands = try block(with: "copur serve ").replacing("127.0.0.1:8001", with: "127.0.0.1:\(port)")
        .replacing("server.key &\n", with: "server.key &\nservice=$!; trap 'kill $service; wait $service' EXIT\n")
      #expect(commands.contains("trap"))
      let finished = try await play(commands)
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(finished.output.contains("protect any 1: balanced accuracy"), "\(finished.output)")
      for agent in ["top-left", "top-right", "bottom-left", "bottom-right"] {
        #expect(finished.output.contains("\(agent): 40 accepted"), "\(finished.output)\n\(finished.errors)")
      }
      #expect(finished.output.contains("39 decided"), "\(finished.output)")
    }

    @Test("Every file that it links to is there, and its sentences are short")
    func prosePages() throws {
      let text = prose.joined(separator: "\n")
      let links = text.matches(of: /\]\(([^)#]+)\)/).map { String($0.1) }.filter { !$0.hasPrefix("http") }
      #expect(links.count > 20)
      for link in links {
        #expect(FileManager.default.fileExists(atPath: Programs.package.appending(path: link).path), "\(link)")
      }
      #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 170)
      // What is read once: no tables, no headings, no lines of an excerpt.
      let sentences = prose.joined(separator: "\n\n").split(separator: "\n\n")
        .filter { !$0.hasPrefix("|") && !$0.hasPrefix("#") && !$0.hasPrefix("!") && !$0.contains("bootstrap") }
        .flatMap { $0.replacing("\n- ", with: ". ").replacing("\n", with: " ").split(separator: #/[.:;?] /#) }
        .map { $0.split(separator: " ").count }.sorted()
      #expect(sentences.count > 50 && sentences[sentences.count / 2] <= 18 && sentences.last ?? 0 <= 40, "\(sentences)")
    }
  }
}
