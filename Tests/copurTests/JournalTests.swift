import CopurAgent
import CopurCore
import CopurGRPC
import CopurLaunch
import CopurScenarios
import CopurTLS
import CopurWire
import Foundation
import GRDB
import Logging
import Subprocess
import Testing

extension ProcessTests {
  /// `copur serve --journal FILE` as a process: what is in the file when it has ended, however it did.
  struct JournalTests {
    private let folder: TestFolder
    private let journal: String

    init() throws {
      folder = try TestFolder()
      journal = folder.path("journal.sqlite")
    }

    /// Samples of a session that the file holds of an agent, after a check of the whole file.
    private func samples(of agent: String, in session: String) throws -> Set<UInt64> {
      try DatabaseQueue(path: journal).read { database in
        #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
        let rows = try Data.fetchAll(
          database,
          sql: """
            SELECT samples FROM contribution JOIN session ON session.id = contribution.session
            JOIN agent ON agent.id = contribution.agent WHERE agent.name = ? AND session.name = ?
            """, arguments: [agent, session]
        ).flatMap { samples in samples.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) } }
        #expect(Set(rows).count == rows.count)
        return Set(rows)
      }
    }

    /// An agent in this process, for tests that want to know of every receipt.
    private func withAgent<Result: Sendable>(
      _ name: String, to port: Int, window: Int = 256,
      _ body: @escaping @Sendable (Agent<HTTP2ClientTransport>) async throws -> Result
    ) async throws -> Result {
      let workshop = try await Workshop.shared.value
      let pair = workshop.certificates.agent(name)
      let tls = try TLSContext.client(
        trustRoots: workshop.certificates.ca, certificateChain: pair.chain, privateKey: pair.key)
      var configuration = AgentConfiguration(id: try AgentID(name), width: 8, modelVersion: workshop.modelVersion)
      configuration.window = window
      configuration.backoff.initial = .milliseconds(50)
      configuration.backoff.maximum = .milliseconds(200)
      let agent = Agent(
        configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ) { HTTP2ClientTransport(host: "127.0.0.1", port: port, tls: tls) }
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await agent.run() }
        let result = try await body(agent)
        agent.stop()
        try await group.waitForAll()
        return result
      }
    }

    private func blocks(_ samples: Range<UInt64>) -> [OutgoingBlock] {
      samples.map { OutgoingBlock(sample: $0, values: [Float](repeating: Float($0), count: 8)[...]) }
    }

    @Test(
      "Killed outright and started again: what had a receipt is in the file, and only the rest is sent again",
      .timeLimit(.minutes(1)))
    func restart() async throws {
      let workshop = try await Workshop.shared.value
      let total: UInt64 = 16_000
      let port = try await withProgram(Programs.copur(), workshop.serve(["--journal", journal])) { center in
        try await center.listening().port
      }
      let serve = workshop.serve(["--journal", journal]).map { $0 == "127.0.0.1:0" ? "127.0.0.1:\(port)" : $0 }
      let waiting = workshop.agent("top-right", to: port, ["--simulation", "127.0.0.1:0"])
      try await withProgram(Programs.copur(), waiting) { idle in
        // Few blocks in flight, so that there is time to look on.
        try await withAgent("top-left", to: port, window: 8) { [self] agent in
          let sending = Task {
            try await agent.send(blocks(0..<total), session: "before", samplesPerMessage: 1)
          }
          try await withProgram(Programs.copur(), serve) { center in
            try await idle.errors.line(containing: "joined")
            try await eventually {
              let attributes = try? FileManager.default.attributesOfItem(atPath: journal + "-wal")
              return (attributes?[.size] as? Int ?? 0) > 1 << 20
            }
            center.send(SIGKILL)
            try await expectEnding(of: center, .signaled(SIGKILL))
          }
          let stored = try samples(of: "top-left", in: "before")

          try await withProgram(Programs.copur(), serve) { center in
            // The session goes on: what was in flight is sent again, and what was stored of that is known.
            let before = try await sending.value
            #expect(before[.accepted] + before[.duplicate] == Int(total) && before[.duplicate] <= 8, "\(before)")
            #expect(try samples(of: "top-left", in: "before") == Set(0..<total))
            #expect(stored.count < total && stored.isSubset(of: 0..<total))

            let late = try await run(
              Programs.copur(), workshop.agent("bottom-left", to: port, ["--session", "before"]))
            #expect(late.code == 69, "what came of its blocks is in the code")
            #expect(late.output.hasPrefix("bottom-left: 200 late; first refusal: the round of sample 0 "), "\(late)")

            let after = try await agent.send(blocks(0..<100), session: "after", samplesPerMessage: 1)
            #expect(after[.accepted] == 100 && after.total == 100)
            try await eventually { idle.errors.lines.count { $0.contains("joined") } == 2 }
            center.send(SIGTERM)
            try await expectEnding(of: center, .exited(0))
          }
          #expect(try samples(of: "top-left", in: "after") == Set(0..<100))
          for name in [journal, "sqlite:\(journal)", "sqlite://\(journal)"] {
            let verified = try await run(Programs.copur(), ["journal", "verify", name, "--json"])
            #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
            #expect(
              verified.output.contains("\"blocks\":16100,\"decided\":16100,\"fault_count\":0"), "\(verified.output)")
          }
        }
      }
    }

    @Test("A second SIGTERM ends a service that waits for an open round at once", .timeLimit(.minutes(1)))
    func secondSignal() async throws {
      let workshop = try await Workshop.shared.value
      let serve = workshop.serve(["--journal", "sqlite:\(journal)", "--deadline", "50s"])
      try await withProgram(Programs.copur(), serve) { center in
        let start = ContinuousClock.now
        try await withAgent("top-left", to: center.listening().port) { [self] agent in
          _ = try await agent.send(blocks(7..<8), session: "long", samplesPerMessage: 1)
        }
        center.send(SIGTERM)
        try await Task.sleep(for: .seconds(1))
        #expect(center.entry.isAlive)
        center.send(SIGTERM)
        try await expectEnding(of: center, .signaled(SIGTERM))
        #expect(ContinuousClock.now - start < .seconds(20))
      }
      #expect(try samples(of: "top-left", in: "long") == [7])
    }

    @Test("SIGTERM waits for an open round, however long its deadline, and stores its verdict", .timeLimit(.minutes(1)))
    func longDeadline() async throws {
      // After 10 seconds the service was given up, with the round still open.
      let workshop = try await Workshop.shared.value
      let serve = workshop.serve(["--journal", journal, "--deadline", "12s"])
      try await withProgram(Programs.copur(), serve) { center in
        try await withAgent("top-left", to: center.listening().port) { [self] agent in
          let tally = try await agent.send(blocks(7..<8), session: "long", samplesPerMessage: 1)
          #expect(tally[.accepted] == 1)
        }
        center.send(SIGTERM)
        try await expectEnding(of: center, .exited(0))
      }
      let exported = try await run(Programs.copur(), ["journal", "export", journal, "--format", "csv"])
      #expect(exported.code == 0)
      let lines = exported.output.split(separator: "\n")
      #expect(lines.count == 2 && lines[1].hasPrefix("long,7,decided,"), "\(exported.output)")
      #expect(try lines[0] == ResultFiles.header("Rounds of a service"))
      #expect(lines[1].contains(",top-left,top-right bottom-left bottom-right,"), "\(exported.output)")
    }
  }
}
