import CopurLaunch
import CopurScenarios
import CopurTLS
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// `copur serve` and `copur agent` as processes of their own.
  struct ServiceTests {
    @Test(
      "SIGTERM and SIGINT end an idle fusion center at once, with 0", .timeLimit(.minutes(1)),
      arguments: [SIGTERM, SIGINT])
    func fusionCenterStops(_ signal: Int32) async throws {
      try await withProgram(Programs.copur(), try await Workshop.shared.value.serve()) { center in
        _ = try await center.listening()
        let start = ContinuousClock.now
        center.send(signal)
        try await expectEnding(of: center, .exited(0))
        #expect(ContinuousClock.now - start < .seconds(5))
      }
    }

    @Test("SIGTERM ends a fusion center whose agents stay connected, and an agent, with 0", .timeLimit(.minutes(1)))
    func agentStops() async throws {
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let port = try await center.listening().port
        let simulated = ["--simulation", "127.0.0.1:0"]
        try await withProgram(Programs.copur(), workshop.agent("top-left", to: port, simulated)) { first in
          try await withProgram(Programs.copur(), workshop.agent("top-right", to: port, simulated)) { second in
            for agent in [first, second] { try await agent.errors.line(containing: "joined") }
            var start = ContinuousClock.now
            first.send(SIGTERM)
            try await expectEnding(of: first, .exited(0))
            #expect(ContinuousClock.now - start < .seconds(5))
            start = ContinuousClock.now
            center.send(SIGTERM)
            try await expectEnding(of: center, .exited(0))
            // Under the 10 seconds after which services are given up.
            #expect(ContinuousClock.now - start < .seconds(8))
            // The other one waits for the fusion center's return, and is to be had meanwhile.
            start = ContinuousClock.now
            second.send(SIGTERM)
            try await expectEnding(of: second, .exited(0))
            #expect(ContinuousClock.now - start < .seconds(5))
          }
        }
      }
    }

    @Test("An agent that is stopped before its rows are delivered says so at once: 69", .timeLimit(.minutes(1)))
    func agentStopsWithoutFusionCenter() async throws {
      let workshop = try await Workshop.shared.value
      // Nobody listens on the discard port. It once took 10 seconds, and was an error of the program's own.
      try await withProgram(Programs.copur(), workshop.agent("top-left", to: 9)) { agent in
        try await agent.errors.line(containing: "no connection to the fusion center")
        let start = ContinuousClock.now
        agent.send(SIGTERM)
        try await expectEnding(of: agent, .exited(69))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(
          agent.errors.lines.last == "copur: error: agent top-left stopped before every block had its receipt")
      }
    }

    @Test("A port in use: 69, and the address", .timeLimit(.minutes(1)))
    func portInUse() async throws {
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let address = "127.0.0.1:\(try await center.listening().port)"
        let arguments = workshop.serve().map { $0 == "127.0.0.1:0" ? address : $0 }
        let finished = try await run(Programs.copur(), arguments)
        // It was 70, an error of the program's own, under two layers of other libraries' words.
        #expect(finished.code == 69)
        #expect(
          finished.errors.contains("copur: error: cannot listen on \(address): Address already in use"),
          "\(finished.errors)")
        #expect(center.entry.isAlive)
      }
    }

    @Test(
      "An agent of another model is refused, says why and exits with 78; the fusion center goes on",
      .timeLimit(.minutes(1)))
    func otherModel() async throws {
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve(["--deadline", "30s"])) { center in
        let port = try await center.listening().port
        let refused = try await run(Programs.copur(), workshop.agent("top-left", of: workshop.otherBundle, to: port))
        #expect(refused.code == 78)
        #expect(refused.errors.contains("the fusion center refuses agent top-left: model_version: "))
        #expect(refused.errors.contains("(expected: \"\(workshop.modelVersion)\", actual: \""))
        let right = try await run(Programs.copur(), workshop.agent("top-left", to: port))
        #expect(right.code == 0)
        #expect(right.output == "top-left: 200 accepted")
      }
    }

    @Test("An agent with another's certificate: 77; one that the bundle does not have: 64", .timeLimit(.minutes(1)))
    func otherName() async throws {
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let port = try await center.listening().port
        let own = workshop.certificates.agent("top-left").chain
        let others = workshop.certificates.agent("top-right")
        let arguments = workshop.agent("top-left", to: port).map { argument in
          argument == own
            ? others.chain : argument == workshop.certificates.agent("top-left").key ? others.key : argument
        }
        let refused = try await run(Programs.copur(), arguments)
        #expect(refused.code == 77)
        #expect(refused.errors.contains("certificate: spiffe://copur/agent/top-right"), "\(refused.errors)")
        let unknown = try await run(
          Programs.copur(),
          ["agent", workshop.bundle, "--agent", "watch", "--connect", "http://127.0.0.1:\(port)", "--insecure"])
        #expect(unknown.code == 64)
        #expect(unknown.errors.contains("is one of top-left, top-right, bottom-left, bottom-right (actual: \"watch\")"))
      }
    }
  }
}
