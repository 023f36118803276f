import CopurLaunch
import CopurScenarios
import Foundation
import Testing

extension ProcessTests {
  /// The tutorial, played as it stands there.
  struct TutorialTests {
    /// The lines that each step's commands print. A step without a line here fails.
    private static let expected = [
      "look.sh": ["clean  ", "flip  ", "Results: results", "Report: results/report.html"],
      "train.sh": ["bundle: model ", ", 3 agents, code ", "agent sound: certificates/agent-sound.pem"],
      "agents.sh": ["vibration: 300 accepted", "heat: 300 accepted", "sound: 300 accepted"],
      "watch.sh": [
        "copur_rounds_total{outcome=\"decided\"} 300", "1 sessions, 900 blocks; rounds: 300 with a verdict, ",
        "faults: 0",
        "live 299 decided; label ",
      ],
      "attack.sh": [
        "the dashboard is at http://127.0.0.1:", "0s: clean  ", "3s: heat missing  ",
        "6s: heat missing, sound flips x10  ", "Results: live",
      ],
    ]

    @Test("Its commands do what it says, from the table to the attack on what runs", .timeLimit(.minutes(2)))
    func commands() async throws {
      let tutorial = try Tutorial()
      let steps = tutorial.files.split(separator: "serve.sh").map(Array.init)
      try #require(steps.count == 2)
      try await play(steps[0], of: tutorial) { $0 }
      // Only the ports are others, which are free; and the shell makes way for the service, so that it ends with the test.
      let serve = try tutorial.text(of: "serve.sh").replacing(/127\.0\.0\.1:800[01]/, with: "127.0.0.1:0")
        .replacing("copur serve", with: "exec copur serve")
      try await withProgram(
        Programs.system("bash"), tutorial.shell(serve), environment: tutorial.environment
      ) { center in
        let page = try await center.output.line(containing: "copur: serving https://127.0.0.1:")
        let http = try #require(page.firstMatch(of: /:(\d+)\/$/)).1
        let grpc = try await center.listening().port
        let until = try #require(steps[1].firstIndex(of: "live.yaml"))
        try await play(steps[1][..<until], of: tutorial) {
          $0.replacing("127.0.0.1:8000", with: "127.0.0.1:\(http)")
            .replacing("127.0.0.1:8001", with: "127.0.0.1:\(grpc)")
        }
        center.send(SIGINT)
        _ = try await center.ending()
        try await play(steps[1][until...], of: tutorial) { $0.replacing("127.0.0.1:8000", with: "127.0.0.1:0") }
      }
      #expect(FileManager.default.fileExists(atPath: tutorial.folder.path("results/report.html")))
    }

    /// Plays steps; a step's commands have to print what is expected of it.
    private func play(
      _ steps: some Sequence<String>, of tutorial: Tutorial, ports: (String) -> String
    ) async throws {
      for file in steps {
        guard file.hasSuffix(".sh") else {
          try await tutorial.take(file)
          continue
        }
        let commands = ports(try tutorial.text(of: file))
        let finished = try await run(
          Programs.system("bash"), tutorial.shell(commands), environment: tutorial.environment)
        #expect(finished.code == 0, "\(file): \(finished.errors)")
        let printed = finished.output + "\n" + finished.errors
        for text in try #require(Self.expected[file], "\(file)") {
          #expect(printed.contains(text), "\(file): \(printed)")
        }
      }
    }

    @Test("Every file beside it is part of a step")
    func files() throws {
      let tutorial = try Tutorial()
      let folder = Tutorial.catalogue.appending(path: "Resources/OwnData").path
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == tutorial.files.sorted())
      #expect(tutorial.files.count == Set(tutorial.files).count)
    }
  }
}
