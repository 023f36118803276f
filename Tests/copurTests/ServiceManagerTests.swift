import CopurLaunch
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Notices to a service manager, and the journal's lines.
  struct ServiceManagerTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test(
      "A fusion center says that it is ready, runs, reads again and stops", .timeLimit(.minutes(1)),
      arguments: [false, true])
    func notices(isAbstract: Bool) async throws {
      let workshop = try await Workshop.shared.value
      let address = isAbstract ? "@copur-\(UUID().uuidString)" : folder.path("notify")
      let manager = try NotifySocket(address)
      let environment = ["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "100000"]
      let arguments = workshop.serve(["--http", "127.0.0.1:0"])
      try await withProgram(Programs.copur(), arguments, environment: environment) { center in
        try await manager.notices.line(containing: "READY=1")
        // Both ports listen by then.
        let (grpc, http) = (try await center.listening(), try await center.servingPort())
        #expect(grpc.port > 0 && http > 0)
        let status = try await manager.notices.line(containing: "STATUS=")
        #expect(status == "STATUS=takes rounds of 4 agents, model \(workshop.modelVersion)")
        try await eventually { manager.notices.lines.count { $0 == "WATCHDOG=1" } > 2 }
        center.send(SIGHUP)
        try await manager.notices.line(containing: "RELOADING=1")
        try await eventually { manager.notices.lines.count { $0 == "READY=1" } == 2 }
        let reload = try #require(manager.notices.lines.first { $0.hasPrefix("MONOTONIC_USEC=") })
        #expect(Int64(reload.dropFirst("MONOTONIC_USEC=".count)).map { $0 > 0 } == true)
        center.send(SIGTERM)
        try await manager.notices.line(containing: "STOPPING=1")
        try await expectEnding(of: center, .exited(0))
      }
      let changes = manager.notices.lines.filter { ["READY=1", "RELOADING=1", "STOPPING=1"].contains($0) }
      #expect(changes == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"])
    }

    @Test("An agent says so, too, and an address that nobody reads is a warning", .timeLimit(.minutes(1)))
    func agent() async throws {
      let workshop = try await Workshop.shared.value
      let manager = try NotifySocket(folder.path("notify"))
      for (address, isRead) in [(folder.path("notify"), true), (folder.path("nobody"), false), ("vsock:1", false)] {
        try await withProgram(
          Programs.copur(), workshop.agent("top-left", to: 9), environment: ["NOTIFY_SOCKET": address]
        ) { agent in
          if isRead {
            try await manager.notices.line(containing: "STATUS=sends to https://127.0.0.1:9 as top-left")
            #expect(manager.notices.lines.contains("READY=1"))
          } else {
            let warning = try await agent.errors.line(containing: "the service manager cannot be told")
            #expect(warning.contains(address) && warning.contains("warning"), "\(warning)")
          }
          agent.send(SIGTERM)
          try await expectEnding(of: agent, .exited(69))
        }
      }
    }

    @Test("Logs that the journal reads begin with their priority, errors at the end, too", .timeLimit(.minutes(1)))
    func journal() async throws {
      let script = """
        exec 2>'\(folder.path("log"))'
        export JOURNAL_STREAM=$(stat --format=%d:%i '\(folder.path("log"))')
        '\(try Programs.copur())' serve '\(try await Workshop.shared.value.bundle)' --insecure --grpc 192.0.2.1:1
        """
      let finished = try await run(Programs.system("bash"), ["-c", script])
      #expect(finished.code == 69)
      let lines = folder.lines(of: "log")
      #expect(lines.contains("<4>copur.serve: no journal: receipts do not outlive this process"), "\(lines)")
      #expect(lines.contains { $0.hasPrefix("<6>copur.serve: rounds agents=4 ") }, "\(lines)")
      #expect(lines.last?.hasPrefix("<3>copur: error: cannot listen on 192.0.2.1:1") == true, "\(lines)")
      // Redirected since: the variable is about another stream, and logs are JSON as anywhere.
      let other = try await run(
        Programs.copur(), ["serve", "--insecure", try await Workshop.shared.value.bundle, "--grpc", "192.0.2.1:1"],
        environment: ["JOURNAL_STREAM": "1:1"])
      #expect(other.errors.hasPrefix("{") && !other.errors.contains("<3>"), "\(other.errors)")
    }
  }
}
