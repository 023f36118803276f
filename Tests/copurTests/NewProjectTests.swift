import Foundation
import Testing

extension ProcessTests {
  /// `copur new`.
  struct NewProjectTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func play(_ commands: String, in project: String) async throws -> FinishedProgram {
      let path = URL(filePath: try Programs.copur()).deletingLastPathComponent().path
      return try await run(
        Programs.system("bash"), ["-ec", "cd '\(project)'\n\(commands)"],
        environment: [
          "PATH": "\(path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")",
          "XDG_CACHE_HOME": folder.path("cache"),
        ])
    }

    @Test("Every command of the README that it writes plays as it stands", .timeLimit(.minutes(3)))
    func readme() async throws {
      let project = folder.path("four machines")
      let made = try await run(Programs.copur(), ["new", project, "--agents", "4"])
      #expect(made.code == 0 && made.output.contains("cd '\(project)' && copur run "), "\(made.errors)")
      let readme = try String(contentsOfFile: "\(project)/README.md", encoding: .utf8)
      let blocks = readme.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }
        .map { $0.element.drop { $0 != "\n" } }
      #expect(blocks.count == 3)
      // Only the port is another, which is free.
      let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
      let port = try await run(try Programs.python(), ["-c", free]).output
      let settings = try String(contentsOfFile: "\(project)/copur.yaml", encoding: .utf8)
      try settings.replacing(":8001", with: ":\(port)").write(
        toFile: "\(project)/copur.yaml", atomically: true, encoding: .utf8)
      var outputs: [String] = []
      for block in blocks {
        let finished = try await play(
          "trap 'for job in $(jobs -p); do kill $job; done; wait' EXIT\n\(block)", in: project)
        #expect(finished.code == 0, "\(block)\n\(finished.errors)")
        outputs.append(finished.output)
      }
      let table = try #require(outputs.first)
      #expect(table.contains("one adaptive") && table.contains("certified"))
      #expect(FileManager.default.fileExists(atPath: "\(project)/results/report.html"))
      let served = try #require(outputs.last)
      for agent in ["a1", "a2", "a3", "a4"] { #expect(served.contains("\(agent): 60 accepted"), "\(served)") }
      #expect(served.components(separatedBy: "live 59 decided").count > 1, "\(served)")
    }

    @Test(
      "A scenario finds the data beside it from another folder, with agents as processes, too", .timeLimit(.minutes(2)))
    func fromElsewhere() async throws {
      #expect(try await run(Programs.copur(), ["new", folder.path("project"), "--agents", "3"]).code == 0)
      // The working directory has a file of the same name, and it is not the scenario's.
      let elsewhere = folder.path("elsewhere")
      try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
      try "state\nhealthy\n".write(toFile: "\(elsewhere)/data.csv", atomically: true, encoding: .utf8)
      let settings = "--set 'defenses=[agent-vote]' --set 'attacks=[{ name: clean }]' --set 'seeds=[0]'"
      for mode in ["--in-process", ""] {
        let finished = try await play("copur run ../project/scenario.yaml \(settings) \(mode)", in: elsewhere)
        #expect(finished.code == 0, "\(mode): \(finished.errors)")
      }
    }

    @Test("The same seed gives the same files, another one other numbers", .timeLimit(.minutes(1)))
    func seed() async throws {
      for (name, seed) in [("a/x", "1"), ("b/x", "1"), ("c/x", "2")] {
        #expect(try await run(Programs.copur(), ["new", folder.path(name), "--seed", seed]).code == 0)
      }
      let text = { (name: String) in try String(contentsOfFile: folder.path(name), encoding: .utf8) }
      for file in ["README.md", "scenario.yaml", "copur.yaml", "data.csv", "rows/a6.csv"] {
        #expect(try text("a/x/\(file)") == text("b/x/\(file)"), "\(file)")
      }
      #expect(try text("a/x/data.csv") != text("c/x/data.csv"))
      #expect(try text("a/x/data.csv").split(separator: "\n").count == 801)
      #expect(try text("a/x/rows/a6.csv").split(separator: "\n").count == 61)
    }

    @Test("A folder with something in it stays as it is: 73", .timeLimit(.minutes(1)))
    func notEmpty() async throws {
      try folder.write("mine", to: "project/.notes")
      let refused = try await run(Programs.copur(), ["new", folder.path("project")])
      #expect(
        refused.code == 73 && refused.errors.contains("a new project's folder is empty (actual: it has \".notes\")"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("project")) == [".notes"])
      let file = try await run(Programs.copur(), ["new", folder.path("project/.notes")])
      #expect(file.code == 73 && folder.lines(of: "project/.notes") == ["mine"], "\(file.errors)")
      for count in ["2", "101"] {
        #expect(try await run(Programs.copur(), ["new", folder.path("other"), "--agents", count]).code == 64)
      }
      #expect(!FileManager.default.fileExists(atPath: folder.path("other")))
    }
  }
}
