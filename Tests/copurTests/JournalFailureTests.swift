import CopurLaunch
import CopurScenarios
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// `copur serve --journal FILE` where the file cannot be had or written.
  struct JournalFailureTests {
    private let folder: TestFolder
    private let journal: String

    init() throws {
      folder = try TestFolder()
      journal = folder.path("journal.sqlite")
    }

    @Test("A second service on a journal: 69, and the first goes on", .timeLimit(.minutes(1)))
    func twoServices() async throws {
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve(["--journal", journal])) { center in
        _ = try await center.listening()
        let second = try await run(Programs.copur(), workshop.serve(["--journal", journal]))
        #expect(second.code == 69)
        #expect(second.errors.contains("\(journal): another fusion center writes to this journal"), "\(second.errors)")
        let read = try await run(Programs.copur(), ["journal", "verify", journal])
        #expect(read.code == 0 && read.output.contains("faults: 0"), "\(read.errors)")
        center.send(SIGKILL)
        try await expectEnding(of: center, .signaled(SIGKILL))
      }
      // The right to write ends with the process, however it ends.
      try await withProgram(Programs.copur(), workshop.serve(["--journal", journal])) { center in
        _ = try await center.listening()
        center.send(SIGTERM)
        try await expectEnding(of: center, .exited(0))
      }
    }

    @Test("copur journal: no file 66, another file 65", .timeLimit(.minutes(1)))
    func noJournal() async throws {
      try Data("not a database, but long enough to be looked at as one".utf8).write(to: URL(filePath: journal))
      for (path, code) in [(folder.path("none"), Int32(66)), (journal, 65)] {
        for command in ["list", "verify", "export"] {
          let finished = try await run(Programs.copur(), ["journal", command, path])
          #expect(finished.code == code, "\(command): \(finished.errors)")
          #expect(finished.errors.contains(path) && finished.output.isEmpty)
        }
      }
    }

    @Test(
      "The journal of a service that was killed, on a medium that cannot be written",
      .enabled(if: geteuid() == 0, "mounting a small file system needs root"), .timeLimit(.minutes(1)))
    func readOnlyMedium() async throws {
      // SQLite keeps the index of the WAL in a file beside it, which could not be made there: exit code 73.
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve(["--journal", journal])) { center in
        _ = try await center.listening()
        center.send(SIGKILL)
        try await expectEnding(of: center, .signaled(SIGKILL))
      }
      let disk = folder.path("disk")
      let script = """
        mkdir \(disk) && mount -t tmpfs -o size=9m t \(disk) && cp \(journal) \(journal)-wal \(disk) \
          && mount -o remount,ro \(disk) && exec "$0" journal verify \(disk)/journal.sqlite
        """
      let finished = try await run(
        Programs.system("unshare"), ["--mount", "/bin/sh", "-c", script, Programs.copur()],
        environment: ["TMPDIR": folder.url.path])
      #expect(finished.code == 0 && finished.output.hasSuffix("faults: 0"), "\(finished.errors)")
      // The copy that was read is gone.
      #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.url.path).contains { $0.hasPrefix("copur-") })
    }

    @Test(
      "A full disk: nothing is acknowledged that is not stored, and once there is room everything goes on",
      .enabled(if: geteuid() == 0, "mounting a small file system needs root"), .timeLimit(.minutes(1)))
    func fullDisk() async throws {
      try await withSmallDisk { center, port in
        let workshop = try await Workshop.shared.value
        try await withProgram(
          Programs.copur(), workshop.agent("top-left", to: port, ["--session", "full", "--batch", "20"])
        ) { agent in
          try await center.errors.line(containing: "no room for the journal")
          // What has a receipt is stored, and the file can be read.
          #expect(agent.entry.isAlive && center.entry.isAlive)
          let start = ContinuousClock.now
          try await nsenter(center, "rm \(folder.path("disk"))/ballast")
          try await center.errors.line(containing: "there is room for the journal again")
          #expect(ContinuousClock.now - start < .seconds(5))
          try await expectEnding(of: agent, .exited(0))
          #expect(agent.output.text == "top-left: 200 accepted")
        }
        center.send(SIGTERM)
        try await expectEnding(of: center, .exited(0))
      }
    }

    @Test(
      "A full disk and SIGTERM: 74, since what was on its way is not stored",
      .enabled(if: geteuid() == 0, "mounting a small file system needs root"), .timeLimit(.minutes(1)))
    func fullDiskAtTheEnd() async throws {
      try await withSmallDisk { center, port in
        let workshop = try await Workshop.shared.value
        try await withProgram(
          Programs.copur(), workshop.agent("top-left", to: port, ["--session", "full", "--batch", "20"])
        ) { _ in
          try await center.errors.line(containing: "no room for the journal")
          center.send(SIGTERM)
          try await expectEnding(of: center, .exited(74))
          #expect(center.errors.text.contains("copur: error: the journal has failed"), "\(center.errors.text)")
        }
      }
    }

    @Test(
      "A failed fsync: the service stays, acknowledges nothing, and ends with 74 at SIGTERM", .timeLimit(.minutes(1)))
    func failedSync() async throws {
      let strace = try Programs.system("strace")
      let workshop = try await Workshop.shared.value
      // One that was in use syncs nothing at the start: the first commit's sync is the first of all.
      try await withProgram(Programs.copur(), workshop.serve(["--journal", journal])) { center in
        _ = try await center.listening()
        center.send(SIGKILL)
        try await expectEnding(of: center, .signaled(SIGKILL))
      }
      let failing = [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1+",
        try Programs.copur(),
      ]
      let serve = workshop.serve(["--journal", journal])
      try await withProgram(strace, failing + serve) { center in
        let port = try await center.listening().port
        try await withProgram(
          Programs.copur(), workshop.agent("top-left", to: port, ["--session", "s", "--simulation", "127.0.0.1:0"])
        ) { idle in
          try await idle.errors.line(containing: "joined")
          try await withProgram(Programs.copur(), workshop.agent("top-right", to: port, ["--session", "s"])) { agent in
            try await center.errors.line(containing: "the journal failed: nothing is acknowledged any more")
            #expect(agent.entry.isAlive)
          }
        }
        // strace ends as what it runs does.
        for traced in ProcessTable.children(of: center.entry) { traced.send(SIGTERM) }
        try await expectEnding(of: center, .exited(74))
      }
      let verified = try await run(Programs.copur(), ["journal", "verify", journal])
      #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    }

    /// A service in a mount namespace of its own, with the journal on a file system of 4 MiB that is full.
    private func withSmallDisk(_ body: (RunningProgram, Int) async throws -> Void) async throws {
      let workshop = try await Workshop.shared.value
      let disk = folder.path("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
      let serve = [try Programs.copur()] + workshop.serve(["--journal", disk + "/journal.sqlite"])
      let script = """
        mount -t tmpfs -o size=4m copur \(disk) && exec "$@"
        """
      try await withProgram("/usr/bin/unshare", ["-m", "/bin/bash", "-c", script, "_"] + serve) { center in
        let port = try await center.listening().port
        // To the last page.
        try await nsenter(center, "cat /dev/zero > \(disk)/ballast || true")
        try await body(center, port)
      }
    }

    /// Runs a shell command where a service sees its files.
    private func nsenter(_ program: RunningProgram, _ command: String) async throws {
      let finished = try await run(
        "/usr/bin/nsenter", ["-t", "\(program.entry.id)", "-m", "/bin/bash", "-c", command])
      #expect(finished.code == 0, "\(finished.errors)")
    }
  }
}
