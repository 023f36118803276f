import Foundation
import Testing

extension ProcessTests {
  /// Defences, attacks and extractors in programs of their own: the page of the documentation as it stands, and programs that misbehave.
  struct ExternalProgramTests {
    private let folder: TestFolder
    private let python: String

    init() async throws {
      folder = try TestFolder()
      python = try Programs.python()
      let made = try await run(
        python,
        [
          "-m", "grpc_tools.protoc", "-I", Programs.package.appending(path: "Protocols").path, "--python_out",
          folder.url.path, "copur/v1/plugin.proto",
        ])
      try #require(made.code == 0, "\(made.errors)")
      let page = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurExternal/Docs.docc/CopurExternal.md"),
        encoding: .utf8)
      for fence in page.split(separator: "```python\n# file: ").dropFirst() {
        let lines = fence.split(separator: "\n", maxSplits: 1)
        try folder.write(String(lines[1].prefix(upTo: lines[1].range(of: "```")!.lowerBound)), to: String(lines[0]))
      }
    }

    private func scenario(_ defense: String?, _ attack: String? = nil) throws -> String {
      var small = SmallScenario(
        attacks: ["{ name: clean }"],
        defenses: "[\((["unsecured"] + [defense].compactMap { $0 }).joined(separator: ", "))]")
      if let attack { small.attacks.append(attack) }
      return try folder.write(small.text, to: "external.yaml")
    }

    private func scenario(extractor: String) throws -> String {
      var small = SmallScenario(defenses: "[unsecured, copur]")
      small.extractors = "extractor: { kind: external, \(extractor), timeout: 2 }, embedding: 16, epochs: 20"
      return try folder.write(small.text, to: "extractor.yaml")
    }

    private func command(_ file: String) -> String { "command: [\(python), \(folder.path(file))]" }

    private func play(_ scenario: String, _ options: [String]) async throws -> FinishedProgram {
      let cache = try await Workshop.shared.value.cache
      return try await run(
        Programs.copur(), ["run", scenario, "--cache", cache] + options, environment: ["PYTHONPATH": folder.url.path])
    }

    @Test(
      "The page's defence and attack, in process and over the network: the same predictions", .timeLimit(.minutes(3)))
    func page() async throws {
      let small = try scenario(
        "{ kind: external, name: each-alone, \(command("each_alone.py")) }",
        "{ name: ascent, kind: external, \(command("ascent.py")), knowledge: model, agents: [bottom-right] }")
      var predictions: [[String]] = []
      for (out, mode) in [("local", ["--in-process"]), ("network", [])] {
        let finished = try await play(small, mode + ["--predictions", "--out", folder.path(out)])
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1] && predictions[0].count == 1 + 4 * SmallScenario.rows)
      var accuracy: [String: Double] = [:]
      for line in folder.lines(of: "local/results.jsonl") {
        let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        accuracy["\(row["attack"]!) \(row["defense"]!)"] = row["accuracy"] as? Double
        if row["attack"] as? String == "ascent" { #expect(row["knowledge"] as? String == "model") }
      }
      // The attack attacks, and the defence defends.
      #expect(accuracy["ascent unsecured"]! < 0.2 && accuracy["clean unsecured"]! > 0.7, "\(accuracy)")
      #expect(accuracy["ascent each-alone"]! > accuracy["ascent unsecured"]! + 0.1, "\(accuracy)")
    }

    @Test("The page's extractor, in process and over the network: the same predictions", .timeLimit(.minutes(3)))
    func extractor() async throws {
      let small = try scenario(extractor: command("squares.py"))
      var predictions: [[String]] = []
      for (out, mode) in [("local", ["--in-process"]), ("network", [])] {
        let finished = try await play(small, mode + ["--predictions", "--out", folder.path(out)])
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1] && predictions[0].count == 1 + 8 * SmallScenario.rows)
      for line in folder.lines(of: "local/results.jsonl") {
        let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        if row["attack"] as? String == "clean" { #expect(row["accuracy"] as? Double ?? 0 > 0.5, "\(line)") }
      }
      // The report says what the embeddings are of.
      let report = try String(contentsOf: URL(filePath: folder.path("local/report.html")), encoding: .utf8)
      #expect(report.contains("squares.py"))
    }

    @Test("An agent starts a program that a bundle names if it is told to, not otherwise", .timeLimit(.minutes(2)))
    func trust() async throws {
      let small = try scenario(extractor: command("squares.py"))
      let trained = try await run(
        Programs.copur(), ["train", small, "--out", folder.path("bundle")],
        environment: ["PYTHONPATH": folder.url.path])
      #expect(trained.code == 0, "\(trained.errors)")
      let agent = [
        "agent", folder.path("bundle"), "--agent", "top-left", "--connect", "http://127.0.0.1:1", "--insecure",
      ]
      let refused = try await run(Programs.copur(), agent)
      #expect(refused.code == 77 && refused.errors.contains("--trust-extractor alone"), "\(refused.errors)")
      #expect(refused.errors.contains("squares.py"))
      // It is started: another program by now.
      _ = try folder.write("import sys\nsys.exit(3)\n", to: "squares.py")
      let trusted = try await run(Programs.copur(), agent + ["--trust-extractor"])
      #expect(trusted.code == 69 && trusted.errors.contains("has ended"), "\(trusted.errors)")
    }

    @Test(
      "An extractor that breaks a rule ends the run, and is named",
      .timeLimit(.minutes(2)),
      arguments: [
        ("sys.exit(3)", 69, "has ended"),
        ("receive()", 69, "has ended"),
        ("receive()\ntime.sleep(60)", 69, "does not answer in time"),
        (
          "receive()\nsend(PluginReply(embeddings={'values': [1.0]}))\nreceive()", 76,
          "16 numbers a row of agent top-left"
        ),
        ("n = receive().embed.samples\nsend(PluginReply(decisions={}))\nreceive()", 76, "expected embeddings"),
        ("receive()\nsend(PluginReply(question={}))\nreceive()", 76, "an extractor has nothing to ask"),
        (
          "n = receive().embed.samples\nsend(PluginReply(embeddings={'values': [float('nan')] * 16 * n}))\nreceive()",
          76,
          "finite numbers"
        ),
        (
          "while True:\n    n = receive().embed.samples\n    send(PluginReply(embeddings={'values': [float(n)] * 16 * n}))",
          76,
          "alike alone and in a batch"
        ),
      ])
    func misbehavingExtractor(_ body: String, _ code: Int32, _ message: String) async throws {
      let small = try scenario(extractor: write("send(PluginReply(opened={}))\n\(body)"))
      let finished = try await play(small, ["--in-process"])
      #expect(finished.code == code && finished.errors.contains(message), "\(finished.errors)")
      #expect(finished.errors.contains("bad.py"))
    }

    @Test(
      "Keys of joint training beside an extractor that is given are errors at their places", .timeLimit(.minutes(1)))
    func jointKeys() async throws {
      let small = try scenario(extractor: "command: [python3], address: 'tcp:127.0.0.1:1'")
      let both = try await play(small, ["--in-process"])
      #expect(both.code == 78 && both.errors.contains("by its command or by its address"), "\(both.errors)")
      let heads = try await play(
        small, ["--in-process", "--set", "training.extractor.address=", "--set", "training.agent_heads=true"])
      #expect(heads.code == 78 && heads.errors.contains("agent_heads is about joint training"), "\(heads.errors)")
    }

    /// The beginning of a program that misbehaves.
    private func write(_ body: String) throws -> String {
      try folder.write(
        """
        import sys, time
        from frames import PluginReply, receive, send
        opened = receive().open
        \(body)
        """, to: "bad.py")
      return command("bad.py")
    }

    @Test(
      "A defence that breaks a rule ends the run, and is named",
      .timeLimit(.minutes(2)),
      arguments: [
        ("sys.exit(3)", 69, "has ended"),
        ("print('hello, world')\nsys.stdout.flush()\nreceive()", 76, "does it print to its standard output?"),
        ("send(PluginReply(error='no licence'))\nreceive()", 69, "says: no licence"),
        ("time.sleep(60)", 69, "does not answer in time"),
        (
          "send(PluginReply(opened={}))\nreceive()\nsend(PluginReply(decisions={'probabilities': [1.0]}))\nreceive()",
          76,
          "10 probabilities a sample"
        ),
        (
          """
          send(PluginReply(opened={}))
          while True:
              n = receive().decide.samples
              send(PluginReply(decisions={'probabilities': [float('nan')] * 10 * n}))
          """, 76, "that sum to 1"
        ),
        (
          """
          send(PluginReply(opened={}))
          while True:
              n = receive().decide.samples
              send(PluginReply(decisions={'probabilities': ([1.0] + [0.0] * 9 if n > 1 else [0.0] * 9 + [1.0]) * n}))
          """, 76, "decided alike alone and in a batch"
        ),
      ])
    func misbehaving(_ body: String, _ code: Int32, _ message: String) async throws {
      let small = try scenario("{ kind: external, name: mine, \(try write(body)), timeout: 2 }")
      let finished = try await play(small, ["--in-process"])
      #expect(finished.code == code && finished.errors.contains(message), "\(finished.errors)")
      #expect(finished.errors.contains("bad.py") || finished.errors.contains("says"))
    }

    @Test("A defence that fails in a service ends the service, and the run says so", .timeLimit(.minutes(2)))
    func failingService() async throws {
      // It is good to the driver, and ends where the service asks it.
      let body = """
        send(PluginReply(opened={}))
        while True:
            n = receive().decide.samples
            if b"serve" in open(f"/proc/{__import__('os').getppid()}/cmdline", "rb").read():
                sys.exit(0)
            send(PluginReply(decisions={'probabilities': ([1.0] + [0.0] * 9) * n}))
        """
      let small = try scenario(
        "{ kind: external, name: mine, \(try write(body)) }")
      let finished = try await play(small, [])
      #expect(finished.code == 69, "\(finished.errors)")
      #expect(finished.errors.contains("the fusion center ended during the run"), "\(finished.errors)")
      #expect(finished.errors.contains("has ended"), "\(finished.errors)")
    }

    @Test("An attack is told no more than it says that it knows", .timeLimit(.minutes(2)))
    func knowledge() async throws {
      for (knowledge, rule) in [
        ("nothing", "knows nothing"), ("decisions", "losses and gradients are for attacks that"),
      ] {
        let small = try scenario(
          nil,
          "{ name: ascent, kind: external, \(command("ascent.py")), knowledge: \(knowledge), agents: [bottom-right] }")
        let finished = try await play(small, ["--in-process"])
        #expect(finished.code == 76 && finished.errors.contains(rule), "\(finished.errors)")
      }
    }

    @Test(
      "No program, and neither a command nor an address: said with the place in the scenario", .timeLimit(.minutes(1)))
    func noProgram() async throws {
      let missing = try await play(
        try scenario("{ kind: external, name: mine, command: [no-such-program] }"), ["--in-process"])
      #expect(
        missing.code == 69 && missing.errors.contains("there is no program \"no-such-program\""), "\(missing.errors)")
      let neither = try await play(try scenario("{ kind: external, name: mine }"), ["--in-process"])
      #expect(neither.code == 78 && neither.errors.contains("by its command or by its address"), "\(neither.errors)")
      let nobody = try await play(
        try scenario("{ kind: external, name: mine, address: \"tcp:127.0.0.1:1\" }"), ["--in-process"])
      #expect(nobody.code == 69 && nobody.errors.contains("no program listens at tcp:127.0.0.1:1"), "\(nobody.errors)")
    }
  }
}
