import CopurLaunch
import CopurScenarios
import Foundation
import Testing

extension ProcessTests {
  /// The agent of the page "An agent of your own", as it stands there.
  struct OwnAgentTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The block of code in the page that begins with a line.
    private func code(beginning first: String) throws -> String {
      let text = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurFusionCenter/Docs.docc/OwnAgent.md"), encoding: .utf8
      )
      let blocks = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      let block = try #require(blocks.first { $0.contains(first) }, "the page has no block with \(first)")
      return block.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
    }

    @Test("The agent in Python joins nine of ours and is part of every round", .timeLimit(.minutes(2)))
    func pythonAgent() async throws {
      let agent = try code(beginning: "from copur.v1 import")
      #expect(agent.split(separator: "\n", omittingEmptySubsequences: false).count <= 41)
      let script = try folder.write(agent, to: "agent.py")
      let stubs = try await run(
        try Programs.python(),
        [
          "-m", "grpc_tools.protoc", "-I\(Programs.package.appending(path: "Protocols").path)",
          "--python_out=\(folder.url.path)", "--grpc_python_out=\(folder.url.path)", "copur/v1/samples.proto",
          "copur/v1/fusion.proto",
        ])
      #expect(stubs.code == 0, "\(stubs.errors)")
      let table = try folder.write(MachineData.text, to: "machines.csv")
      let scenario = try folder.write(
        MachineData.scenario(file: table, duration: "9s", rate: 5, flipAt: "5s"), to: "machines.yaml")
      let bundle = folder.path("bundle")
      #expect(try await run(Programs.copur(), ["train", scenario, "--out", bundle]).code == 0)
      try await withProgram(
        Programs.copur(),
        [
          "serve", bundle, "--insecure", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--deadline", "30s",
        ]
      ) { center in
        let port = try await center.listening().port
        let page = try #require(
          try await center.output.line(containing: "copur: serving ").split(separator: " ").last.map(String.init))
        try await withThrowingTaskGroup(of: (String, FinishedProgram).self) { group in
          for agent in MachineData.agents.dropLast() {
            group.addTask {
              let ours = ["agent", bundle, "--agent", agent, "--insecure", "--connect", "http://127.0.0.1:\(port)"]
              return ("\(agent): 300 accepted", try await run(Programs.copur(), ours))
            }
          }
          group.addTask {
            let python = try Programs.python()
            let theirs = [script, "127.0.0.1:\(port)", "a10", bundle, table, "400"]
            return ("a10: {'ACCEPTED': 300}", try await run(python, theirs))
          }
          for try await (expected, finished) in group {
            #expect(finished.output == expected, "\(finished.errors)")
          }
        }
        // The dashboard's first event has the last rounds: in none of them is the agent missing, and it is seldom suspect.
        // The page looks a few times a second, so the rounds may come to it a moment after their receipts.
        var outcomes: [Character] = []
        try await eventually {
          outcomes = try await lastOutcomes(of: page)
          return outcomes.count == 240
        }
        #expect(!outcomes.contains("-"))
        #expect(outcomes.count { $0 == "!" } < 24)
      }
    }

    /// What became of the last agent's block in each of the rounds that a page is told of as it opens.
    private func lastOutcomes(of page: String) async throws -> [Character] {
      let events = try await run(try Programs.system("curl"), ["-sN", "--max-time", "1", "\(page)events"])
      let snapshot = try #require(
        events.output.split(whereSeparator: \.isNewline).first { $0.hasPrefix("data: ") }?.dropFirst(6))
      let content = try JSONSerialization.jsonObject(with: Data(snapshot.utf8)) as? [String: Any]
      let rounds = try #require(content?["rounds"] as? [[String: Any]])
      return rounds.compactMap { ($0["outcomes"] as? String)?.last }
    }
  }
}
