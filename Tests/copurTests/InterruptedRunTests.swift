import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Runs of `copur run` in which something ends before its time.
  struct InterruptedRunTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Starts a run that would take minutes, and hands over once processes are up and something is measured.
    private func running<Result>(
      _ body: (RunningProgram, [ProcessEntry]) async throws -> Result
    ) async throws -> Result {
      let scenario = try folder.write(SmallScenario.long.text, to: "long.yaml")
      let arguments = ["run", scenario, "--out", folder.path("out"), "--cache", try await Workshop.shared.value.cache]
      // Its keys and journal go there; a run that is killed outright cannot remove them.
      return try await withProgram(
        Programs.copur(), arguments, environment: ["TMPDIR": folder.url.path]
      ) { program in
        try await eventually {
          guard program.entry.isAlive else { throw MissingProgram("it ended early: \(program.errors.text)") }
          return !folder.lines(of: "out/results.jsonl").isEmpty
        }
        return try await body(program, ProcessTable.children(of: program.entry))
      }
    }

    /// Whether results hold whole rows, and fewer than there would have been.
    ///
    /// - Parameter isKilledOutright: A run that cannot end what it does may have written its last row into the first of two
    ///   files alone. That failed now and then on a busy machine.
    private func checkPartialResults(isKilledOutright: Bool = false) throws {
      let rows = folder.lines(of: "out/results.jsonl")
      #expect(!rows.isEmpty && rows.count < 400 * SmallScenario.defenses.count)
      for row in rows { _ = try JSONSerialization.jsonObject(with: Data(row.utf8)) }
      let table = folder.lines(of: "out/results.csv").count
      #expect(table == rows.count + 1 || isKilledOutright && table == (rows.count == 1 ? 0 : rows.count))
      let record = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.path("out/run.json"))))
      #expect((record as? [String: Any])?["finished"] == nil)
    }

    /// Whether keys and journal are gone.
    private func checkScratchIsGone() throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(Set(names) == ["long.yaml", "out"])
    }

    private func role(_ process: ProcessEntry) -> String {
      guard process.arguments.count > 1 else { return "?" }
      guard let option = process.arguments.firstIndex(of: "--agent") else { return process.arguments[1] }
      return process.arguments[option + 1]
    }

    @Test("One fusion center and one process an agent, until the end", .timeLimit(.minutes(1)))
    func processes() async throws {
      let (children, status) = try await running { program, children in
        program.send(SIGTERM)
        return (children, try await program.ending())
      }
      #expect(children.map(role).sorted() == (SmallScenario.agents + ["serve"]).sorted())
      #expect(status == .exited(143))
      #expect(children.allSatisfy { !$0.isAlive })
    }

    @Test(
      "SIGINT, SIGTERM and a closed terminal end everything and keep what was measured", .timeLimit(.minutes(1)),
      arguments: [SIGINT, SIGTERM, SIGHUP])
    func signal(_ signal: Int32) async throws {
      try await running { program, children in
        program.send(signal)
        // 128 + the signal, as shells have it.
        try await expectEnding(of: program, .exited(128 + signal))
        let name = [SIGINT: "SIGINT", SIGTERM: "SIGTERM"][signal] ?? "SIGHUP"
        #expect(program.errors.lines.last == "copur: error: interrupted by \(name)")
        let out = folder.path("out")
        #expect(
          program.errors.lines.dropLast() == [
            "copur: what was measured until now is in \(out): the same command goes on from there, and `copur report \(out)` "
              + "makes its report"
          ])
        #expect(children.count == 5 && children.allSatisfy { !$0.isAlive })
      }
      try checkPartialResults()
      try checkScratchIsGone()
    }

    @Test(
      "A process that is killed: the run names it, ends all others and keeps what was measured",
      .timeLimit(.minutes(1)), arguments: [("top-right", "agent top-right"), ("serve", "fusion center")])
    func killed(_ victim: String, _ name: String) async throws {
      // Of a dead fusion center the driver first sees broken calls: those were reported in place of the death.
      try await running { program, children in
        try #require(children.first { role($0) == victim }).send(SIGKILL)
        try await expectEnding(of: program, .exited(69))
        #expect(
          program.errors.lines.first?.hasPrefix(
            "copur: error: the \(name) ended during the run: it was ended by signal 9") == true,
          "\(program.errors.text)")
        #expect(children.count == 5 && children.allSatisfy { !$0.isAlive })
      }
      try checkPartialResults()
      try checkScratchIsGone()
    }

    @Test("A run that is killed outright leaves no process and no key behind", .timeLimit(.minutes(1)))
    func killedOutright() async throws {
      try await running { program, children in
        program.send(SIGKILL)
        try await expectEnding(of: program, .signaled(SIGKILL))
        #expect(children.count == 5)
        try await eventually { children.allSatisfy { !$0.isAlive } }
      }
      try checkPartialResults(isKilledOutright: true)
      // Certificates and journal lie there still, which are no secret.
      let left = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
      #expect(left.contains { $0.hasSuffix("server.pem") } && !left.contains { $0.hasSuffix(".key") }, "\(left)")
    }

    @Test("SIGINT is heeded while models are trained", .timeLimit(.minutes(1)), arguments: ["8", "auto"])
    func training(code: String) async throws {
      // The search for a code once ran on threads that saw no cancellation, and then on all threads that there were for
      // signals: SIGINT was heeded when the search was over.
      let scenario = SmallScenario(trainRows: 60_000, code: code)
      let text = scenario.text.replacing("epochs: 5,", with: "epochs: 5000,")
      try await withProgram(
        Programs.copur(),
        ["run", try folder.write(text, to: "slow.yaml"), "--out", folder.path("out"), "--no-cache", "--in-process"]
      ) { program in
        try await eventually { FileManager.default.fileExists(atPath: folder.path("out/run.json")) }
        program.send(SIGINT)
        try await expectEnding(of: program, .exited(130))
        #expect(program.errors.lines.last == "copur: error: interrupted by SIGINT")
      }
      #expect(folder.lines(of: "out/results.jsonl") == [])
    }

    @Test("SIGINT is heeded in the middle of an attack", .timeLimit(.minutes(1)))
    func attack() async throws {
      // It once was when the row was done: for an adaptive attack, after minutes.
      let slow = "{ name: slow, kind: adaptive-pgd, goal: untargeted, agents: [top-left], iterations: 10000 }"
      let text = SmallScenario(attacks: ["{ name: clean }", slow], defenses: "[copur]").text
      try await withProgram(
        Programs.copur(),
        ["run", try folder.write(text, to: "slow.yaml"), "--out", folder.path("out"), "--no-cache", "--in-process"]
      ) { program in
        try await eventually { !folder.lines(of: "out/results.jsonl").isEmpty }
        program.send(SIGINT)
        try await expectEnding(of: program, .exited(130))
      }
      // What the attack had found is no result.
      #expect(folder.lines(of: "out/results.jsonl").allSatisfy { !$0.contains("slow") })
    }

    @Test("The same command goes on, also after kill -9, and ends with the same bytes", .timeLimit(.minutes(2)))
    func goesOn() async throws {
      // The folder once began anew: what was measured in hours was gone.
      let cache = try await Workshop.shared.value.cache
      let attacks = (1...40).map {
        "{ name: flip \($0), kind: feature-flipping, agents: [top-left], amplification: \($0) }"
      }
      let scenario = try folder.write(
        SmallScenario(attacks: attacks, defenses: "[unsecured, copur]", seeds: [0, 1], code: "1").text,
        to: "several.yaml")
      func arguments(_ out: String) -> [String] {
        ["run", scenario, "--in-process", "--predictions", "--cache", cache, "--out", folder.path(out)]
      }
      func measured() -> Int { folder.lines(of: "out/results.jsonl").count }
      for (signal, status) in [(SIGKILL, TerminationStatus.signaled(SIGKILL)), (SIGINT, .exited(130))] {
        let before = measured()
        try await withProgram(Programs.copur(), arguments("out")) { program in
          try await eventually { measured() > before + 5 }
          program.send(signal)
          try await expectEnding(of: program, status)
        }
      }
      let before = measured()
      #expect(before > 10 && before < 160)
      let finished = try await run(Programs.copur(), arguments("out"))
      #expect(finished.code == 0)
      #expect(finished.errors == "copur: the run in the folder goes on: \(before) of 160 results are there")
      let whole = try await run(Programs.copur(), arguments("whole"))
      #expect(whole.code == 0)
      for name in ["predictions.csv", "certificates.csv", "certificates.jsonl"] {
        #expect(
          try Data(contentsOf: URL(filePath: folder.path("out/\(name)")))
            == Data(contentsOf: URL(filePath: folder.path("whole/\(name)"))), "\(name)")
      }
      // All but the time that a row took.
      func rows(_ out: String) -> [String] {
        folder.lines(of: "\(out)/results.jsonl").map { $0.replacing(/"seconds_per_sample":[^,]*,/, with: "") }
      }
      #expect(rows("out") == rows("whole"))

      // Finished: the same results again, and nothing is measured.
      let modified = try folder.modified("out/results.jsonl")
      let again = try await run(Programs.copur(), arguments("out"))
      #expect(again.code == 0 && again.output == finished.output)
      #expect(again.errors.contains("160 results are read, and nothing is measured again"))
      #expect(try folder.modified("out/results.jsonl") == modified)
    }

    @Test("A folder with another run is left alone, unless it is to be overwritten", .timeLimit(.minutes(1)))
    func anotherRun() async throws {
      // Results of two scenarios once lay in one folder: one's predictions beside the other's accuracy.
      let cache = try await Workshop.shared.value.cache
      let clean = SmallScenario(attacks: ["{ name: clean }"], defenses: "[unsecured]")
      let first = try folder.write(clean.text, to: "first.yaml")
      let second = try folder.write(clean.text.replacing("epochs: 5,", with: "epochs: 6,"), to: "second.yaml")
      func arguments(_ scenario: String) -> [String] {
        ["run", scenario, "--in-process", "--cache", cache, "--out", folder.path("out")]
      }
      #expect(try await run(Programs.copur(), arguments(first) + ["--predictions"]).code == 0)
      let predictions = folder.lines(of: "out/predictions.csv")
      let refused = try await run(Programs.copur(), arguments(second))
      #expect(refused.code == 73)
      #expect(
        refused.errors.contains("out: a folder holds one run, and there is another, of another version of the scenario")
      )
      #expect(folder.lines(of: "out/predictions.csv") == predictions)
      #expect(try await run(Programs.copur(), arguments(second) + ["--overwrite"]).code == 0)
      #expect(!FileManager.default.fileExists(atPath: folder.path("out/predictions.csv")))
    }

    @Test("Too few descriptors are said at once", arguments: [24, 32, 48])
    func descriptors(_ limit: Int) async throws {
      // The run once hung, deaf to signals, or ended by a trap with its keys left behind.
      let scenario = try folder.write(SmallScenario().text, to: "small.yaml")
      let finished = try await run(
        "/bin/bash", ["-c", "ulimit -n \(limit); exec \"$0\" run \"$1\" --no-cache", Programs.copur(), scenario],
        environment: ["TMPDIR": folder.url.path])
      #expect(
        finished.code == 69 && finished.errors.contains("(allowed: \(limit); see `ulimit -n`)"), "\(finished.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["small.yaml"])
    }

    @Test("A cache that cannot be written is said before models are trained, and the run goes on")
    func unwritableCache() async throws {
      let scenario = try folder.write(
        SmallScenario(attacks: ["{ name: clean }"], defenses: "[unsecured]").text, to: "small.yaml")
      let finished = try await run(
        Programs.copur(), ["run", scenario, "--in-process"], environment: ["XDG_CACHE_HOME": "/dev/null"])
      #expect(finished.code == 0)
      #expect(finished.errors.contains("warning: models are kept for this run alone: /dev/null/copur/bundles"))
    }
  }
}
