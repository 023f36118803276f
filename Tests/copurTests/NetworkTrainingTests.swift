import CopurLaunch
import CopurLearning
import CopurScenarios
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Training with parties that hold their own features, as processes.
  struct NetworkTrainingTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private static let trainRows = 160
    private static let browser = Programs.package.appending(path: "Tests/copurTests/Clients/browser.py").path

    /// A table of three agents that know something of two classes each; an agent's readings are sometimes missing.
    private func scenario(_ exchange: String = "") throws -> String {
      var (state, lines) = (UInt64(11), ["a_1,a_2,b_1,b_2,c_1,c_2,state"])
      func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 40) / Double(1 << 24)
      }
      for row in 0..<Self.trainRows + 40 {
        let side = row % 3 == 0 ? 1.0 : -1.0
        var cells = (0..<6).map { _ in "\(Float(side + 2 * uniform() - 1))" }
        // An agent without any reading is missing in a row; one with half of them is not.
        if uniform() < 0.1 { (cells[0], cells[1]) = ("", "") }
        if uniform() < 0.1 { cells[3] = "" }
        lines.append((cells + [side > 0 ? "bad" : "ok"]).joined(separator: ","))
      }
      try folder.write(lines.joined(separator: "\n"), to: "table.csv")
      return try folder.write(
        """
        name: parties
        dataset:
          kind: csv
          file: \(folder.path("table.csv"))
          label: state
          classes: [ok, bad]
          train_rows: \(Self.trainRows)
          agents: { a: ["a_*"], b: ["b_*"], c: ["c_*"] }
        training: { epochs: 6, hidden: 8, embedding: 4, batch: 32, optimizer: adam, agent_heads: true, agent_dropout: 0.2,
          equal_energy: true, alternatives: [{ agent_heads: false }]\(exchange) }
        manifold: { kind: linear, code: auto }
        defenses: [copur, { kind: randomized-ablation, keep: 1 }]
        attacks: [{ name: clean }]
        seeds: [3]
        """, to: "scenario.yaml")
    }

    /// All arrays of a bundle, those of its agents' folders among them.
    private func weights(
      _ bundle: String, agents: String? = nil, named names: [String] = ["a", "b", "c"]
    ) throws -> [String: Safetensors.Tensor] {
      func read(_ folder: String) throws -> [String: Safetensors.Tensor] {
        try Safetensors(decoding: Data(contentsOf: URL(filePath: folder).appending(path: "weights.safetensors")))
          .tensors
      }
      var all = try read(bundle)
      for agent in agents == nil ? [] : names {
        for (name, tensor) in try read("\(agents!)/\(agent)") {
          all[name.replacing("extractor.", with: "extractor.\(agent).")] = tensor
        }
      }
      return all
    }

    @Test(
      "A process a party, each with its own columns: the weights are those of one process, bit for bit",
      .timeLimit(.minutes(2)))
    func equalWeights() async throws {
      for (name, exchange) in [
        ("plain", ""), ("rounded", ", exchange: { numbers: int8, local_steps: 2, gradient_noise: 0.1 }"),
        ("attacked", ", attack: { kind: noise, agents: [c], amplification: 3 }"),
        ("replayed", ", attack: { kind: replay, agents: [b] }"),
        (
          "spoiled",
          ", robust: { views: embeddings }, poison: { features: noise, agents: [b], share: 0.3, labels: flip }"
        ),
      ] {
        let scenario = try scenario(exchange)
        let (alone, joint) = (folder.path("alone-\(name)"), folder.path("joint-\(name)"))
        let one = try await run(Programs.copur(), ["train", scenario, "--out", alone])
        #expect(one.code == 0, "\(one.errors)")
        let several = try await run(Programs.copur(), ["train", scenario, "--out", joint, "--network"])
        #expect(several.code == 0, "\(several.errors)")
        let (first, second) = (try weights(alone), try weights(joint, agents: "\(joint)-agents"))
        #expect(first.count > 20 && first == second, "\(name)")
        #expect(try weights(joint).keys.allSatisfy { !$0.hasPrefix("extractor.") }, "the center has no extractor")
      }
      let served = try await run(
        Programs.copur(),
        [
          "agent", folder.path("joint-plain"), "--agent", "a", "--connect", "http://127.0.0.1:1", "--insecure",
          "--rows", "-",
        ])
      #expect(served.code == 64 && served.errors.contains("each agent keeps its own"), "\(served.errors)")
    }

    /// The best defence where the data stays with the parties: certified, and the same as in one process.
    @Test(
      "Voters at the fusion center are trained over the network, and serve with certified verdicts",
      .timeLimit(.minutes(2)))
    func votes() async throws {
      // Large leaves are unsure of some rows, which withstand nobody.
      let text = try String(contentsOfFile: scenario(", voters: { at: center, trees: 8, leaf: 20 }"), encoding: .utf8)
        .replacing("[copur, { kind: randomized-ablation, keep: 1 }]", with: "[agent-vote, double-masking]")
        .replacing("equal_energy: true, alternatives: [{ agent_heads: false }]", with: "equal_energy: true")
      let scenario = try folder.write(text, to: "votes.yaml")
      let (alone, joint) = (folder.path("alone"), folder.path("joint"))
      let one = try await run(Programs.copur(), ["train", scenario, "--out", alone])
      #expect(one.code == 0, "\(one.errors)")
      let several = try await run(Programs.copur(), ["train", scenario, "--out", joint, "--network"])
      #expect(several.code == 0, "\(several.errors)")
      let (first, second) = (try weights(alone), try weights(joint, agents: "\(joint)-agents"))
      #expect(first == second && first["voter.a.absence"] != nil, "\(first.keys.sorted())")
      // Agents serve with what they kept; without a word the service votes, and says how many agents a verdict withstands.
      let lines = folder.lines(of: "table.csv").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      for (agent, columns) in [("a", 0..<2), ("b", 2..<4), ("c", 4..<6)] {
        let rows = ([lines[0]] + lines[(Self.trainRows + 1)...]).map { $0[columns].joined(separator: ",") }
        try folder.write(rows.joined(separator: "\n") + "\n", to: "\(agent)-live.csv")
      }
      // A certificate counts who contributes at least: as few are enough in the scenario's rounds.
      let serve = ["serve", joint, "--grpc", "127.0.0.1:0", "--insecure", "--deadline", "20s", "--quorum", "1"]
      try await withProgram(Programs.copur(), serve) { service in
        let port = try await service.listening().port
        let sending = ["a", "b", "c"].map { name in
          let arguments = [
            "agent", "\(joint)-agents/\(name)", "--agent", name, "--connect", "http://127.0.0.1:\(port)", "--insecure",
            "--rows", folder.path("\(name)-live.csv"),
          ]
          return Task { try await run(Programs.copur(), arguments) }
        }
        let predicted = try await run(
          Programs.copur(),
          ["predict", "--connect", "http://127.0.0.1:\(port)", "--insecure", "--samples", "0-39", "--json"])
        #expect(predicted.code == 0, "\(predicted.errors)")
        for agent in sending {
          let finished = try await agent.value
          #expect(finished.code == 0, "\(finished.errors)")
        }
        // As in one process, of the same rows: labels, and how many agents each withstands.
        let results = try await run(
          Programs.copur(), ["run", scenario, "--in-process", "--predictions", "--out", folder.path("results")])
        #expect(results.code == 0, "\(results.errors)")
        var expected: [String: [String]] = [:]
        for line in folder.lines(of: "results/predictions.csv").dropFirst() {
          let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
          if cells[2] == "agent-vote" { expected[cells[3]] = [cells[5], cells[6]] }
        }
        #expect(expected.count == 40 && Set(expected.values.map { $0[1] }).count > 1, "\(expected)")
        let verdicts = predicted.output.split(separator: "\n")
        #expect(verdicts.count == 40)
        for line in verdicts {
          let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
          let sample = "\(try #require(object["sample"]))"
          let certified = (object["certified_agents"] as? NSNumber)?.stringValue ?? ""
          #expect(expected[sample] == ["\(try #require(object["label"]))", certified], "\(line)")
        }
      }
      // Whose voters are to be with agents that get no labels is told which key to write.
      let wrong = try folder.write(text.replacing("at: center, ", with: ""), to: "wrong.yaml")
      for mode in [["--network"], ["--listen", "127.0.0.1:0", "--labels", "none.csv", "--insecure"]] {
        let refused = try await run(Programs.copur(), ["train", wrong, "--out", folder.path("none")] + mode)
        #expect(refused.code == 78 && refused.errors.contains("voters: { at: center }"), "\(refused.errors)")
      }
    }

    @Test("A defence is chosen over the network as in one process", .timeLimit(.minutes(2)))
    func choice() async throws {
      let text = try String(contentsOfFile: scenario(", voters: { at: center, trees: 8 }"), encoding: .utf8)
        .replacing("[copur, { kind: randomized-ablation, keep: 1 }]", with: "[auto]")
        .replacing("equal_energy: true, alternatives: [{ agent_heads: false }]", with: "equal_energy: true")
      let scenario = try folder.write(text + "\nprotect: { any: 1 }\n", to: "auto.yaml")
      var records: [String] = []
      for (out, options) in [("alone", []), ("joint", ["--network"])] {
        let trained = try await run(Programs.copur(), ["train", scenario, "--out", folder.path(out)] + options)
        #expect(trained.code == 0, "\(trained.errors)")
        let manifest = try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(filePath: folder.path(out)).appending(path: "bundle.json")))
        let protection = try #require((manifest as? [String: Any])?["protection"])
        records.append(
          String(
            decoding: try JSONSerialization.data(withJSONObject: protection, options: .sortedKeys), as: UTF8.self))
      }
      #expect(records[0].contains("agent-vote") && records[0] == records[1])
      #expect(try weights(folder.path("alone")) == weights(folder.path("joint"), agents: folder.path("joint-agents")))
    }

    /// Pictures of 8 × 6 pixels in IDX files: the class is in which half the light is.
    private func pictures() throws -> String {
      var state = UInt64(5)
      func byte() -> UInt8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 40)
      }
      func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
      for (name, count) in [("train", Self.trainRows), ("t10k", 40)] {
        let labels = (0..<count).map { UInt8($0 % 2) }
        let pixels = labels.flatMap { label in
          (0..<48).map { ($0 % 6 < 3) == (label == 0) ? byte() : byte() / 4 }
        }
        try folder.write(
          [0, 0, 8, 3] + number(count) + number(8) + number(6) + pixels, to: "pictures/\(name)-images-idx3-ubyte")
        try folder.write([0, 0, 8, 1] + number(count) + labels, to: "pictures/\(name)-labels-idx1-ubyte")
      }
      return try folder.write(
        """
        name: cameras
        dataset: { kind: images, files: \(folder.path("pictures")), classes: [left, right] }
        training: { extractor: { kind: convolutional, channels: 4, layers: 2, kernel: 3, width: 8 }, embedding: 4, epochs: 5,
          hidden: 8, batch: 32, optimizer: adam, schedule: one-cycle, decay: 0.1, agent_dropout: 0.3 }
        manifold: { kind: linear, code: auto }
        defenses: [copur, { kind: double-masking, model: fusion }]
        attacks: [{ name: clean }, { name: flip, kind: feature-flipping, agents: [top-left], amplification: 10 }]
        seeds: [1]
        """, to: "cameras.yaml")
    }

    @Test("Cameras with layers of convolution train over the network as in one process", .timeLimit(.minutes(2)))
    func cameras() async throws {
      let scenario = try pictures()
      let (alone, joint) = (folder.path("alone"), folder.path("joint"))
      let one = try await run(Programs.copur(), ["train", scenario, "--out", alone])
      #expect(one.code == 0, "\(one.errors)")
      let several = try await run(Programs.copur(), ["train", scenario, "--out", joint, "--network"])
      #expect(several.code == 0, "\(several.errors)")
      let names = ["top-left", "top-right", "bottom-left", "bottom-right"]
      let (first, second) = (try weights(alone), try weights(joint, agents: "\(joint)-agents", named: names))
      #expect(first.count > 30 && first == second)
      #expect(first["extractor.top-left.convolution-1.weight"]?.shape == [3, 3, 4, 8], "\(first.keys.sorted())")
      // And they serve: the same predictions by processes as in one.
      let results = [folder.path("one"), folder.path("several")]
      let here = try await run(
        Programs.copur(), ["run", scenario, "--in-process", "--predictions", "--out", results[0]])
      let there = try await run(Programs.copur(), ["run", scenario, "--predictions", "--out", results[1]])
      #expect(here.code == 0 && there.code == 0, "\(here.errors)\(there.errors)")
      let predictions = try results.map {
        try String(contentsOf: URL(filePath: $0).appending(path: "predictions.csv"), encoding: .utf8)
      }
      #expect(predictions[0].count > 1000 && predictions[0] == predictions[1])
    }

    /// What each party has, in files.
    private func parties() async throws {
      let table = folder.lines(of: "table.csv").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      for (agent, columns) in [("a", 0..<2), ("b", 2..<4), ("c", 4..<6)] {
        let rows = table[1...Self.trainRows].enumerated().map { "row \($0)," + $1[columns].joined(separator: ",") }
        // Each in an order of its own.
        let ordered = agent == "b" ? rows.reversed() : rows
        let header = "key," + table[0][columns].joined(separator: ",")
        try folder.write(([header] + ordered).joined(separator: "\n"), to: "\(agent).csv")
      }
      let labels = table[1...Self.trainRows].enumerated().map { "row \($0),\($1[6])" }
      try folder.write((["key,state"] + labels).joined(separator: "\n"), to: "labels.csv")
      try folder.write("a secret of the three parties", to: "secret")
      let keyed = try await run(
        Programs.copur(),
        [
          "data", "keys", folder.path("labels.csv"), "--key", "key", "--label", "state", "--secret",
          folder.path("secret"),
        ])
      try #require(keyed.code == 0, "\(keyed.errors)")
      try folder.write(keyed.output, to: "keyed.csv")
      #expect(try keyed.output.hasPrefix("\(ResultFiles.header("Keyed labels"))\n"))
    }

    private func center(_ scenario: String, _ options: [String] = []) -> [String] {
      [
        "train", scenario, "--listen", "127.0.0.1:0", "--labels", folder.path("keyed.csv"), "--insecure", "--out",
        folder.path("bundle"),
      ] + options
    }

    private func agent(_ name: String, at port: Int, secret: String = "secret", rows: String? = nil) -> [String] {
      [
        "agent", "--agent", name, "--connect", "http://127.0.0.1:\(port)", "--insecure", "--rows",
        folder.path(rows ?? "\(name).csv"), "--key", "key", "--secret", folder.path(secret), "--out",
        folder.path("model-\(name)"), "--backoff-base", "50ms",
      ]
    }

    @Test(
      "An agent in another language trains with ours, and all of them serve afterwards", .timeLimit(.minutes(2)),
      arguments: ["numpy", "torch"])
    func otherLanguage(model: String) async throws {
      let python = try Programs.python()
      if model == "torch" {
        // A gigabyte that Deploy/test.sh does not install; where it is there, the page is played as it stands.
        guard try await run(python, ["-c", "import torch"]).code == 0 else { return }
      }
      let scenario = try scenario()
      try await parties()
      let page = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurJointTraining/Docs.docc/CopurJointTraining.md"),
        encoding: .utf8)
      for fence in page.split(separator: "```python\n# file: ").dropFirst() {
        let lines = fence.split(separator: "\n", maxSplits: 1)
        try folder.write(String(lines[1].prefix(upTo: lines[1].range(of: "```")!.lowerBound)), to: String(lines[0]))
      }
      let clients = Programs.package.appending(path: "Tests/copurTests/Clients")
      try FileManager.default.copyItem(
        atPath: clients.appending(path: "numpy_model.py").path, toPath: folder.path("numpy_model.py"))
      let protocols = Programs.package.appending(path: "Protocols").path
      let stubs = try await run(
        python,
        [
          "-m", "grpc_tools.protoc", "-I", protocols, "--python_out", folder.url.path, "--grpc_python_out",
          folder.url.path,
        ]
          + ["training", "fusion", "samples"].map { "copur/v1/\($0).proto" })
      try #require(stubs.code == 0, "\(stubs.errors)")
      try await withProgram(Programs.copur(), center(scenario)) { center in
        let port = try await center.listening().port
        let ours = [agent("a", at: port), agent("c", at: port)].map { arguments in
          Task { try await run(Programs.copur(), arguments) }
        }
        let arguments = [
          clients.appending(path: "training_agent.py").path, folder.url.path, model, "127.0.0.1:\(port)",
          folder.path("service"), folder.path("b.csv"), folder.path("secret"),
        ]
        try await withProgram(python, arguments) { foreign in
          let trained = try await foreign.output.line(containing: "trained ")
          try await expectEnding(of: center, .exited(0))
          var ended: [FinishedProgram] = []
          for agent in ours { ended.append(try await agent.value) }
          for agent in ended { #expect(agent.code == 0, "\(agent.errors)") }
          let version = try #require(trained.split(separator: " ").last)
          #expect(ended.allSatisfy { $0.output.contains(version) })
          // The same rows again, of all three, by whom each of them is known.
          let serve = ["serve", folder.path("bundle"), "--grpc", "127.0.0.1:0", "--insecure", "--deadline", "20s"]
          try await withProgram(Programs.copur(), serve) { service in
            let port = try await service.listening().port
            try folder.write("127.0.0.1:\(port)", to: "service")
            for name in ["a", "c"] {
              let lines = folder.lines(of: "\(name).csv")
              // The foreign one sends its rows in the order of its file, from the last on.
              let ordered = [lines[0]] + lines[1...].reversed()
              try folder.write(ordered.joined(separator: "\n") + "\n", to: "\(name)-live.csv")
            }
            let sending = [live("a", at: port), live("c", at: port)].map { arguments in
              Task { try await run(Programs.copur(), arguments) }
            }
            let predicted = try await run(
              Programs.copur(),
              [
                "predict", "--connect", "http://127.0.0.1:\(port)", "--insecure", "--samples",
                "0-\(Self.trainRows - 1)",
                "--json",
              ])
            #expect(predicted.code == 0, "\(predicted.errors)")
            #expect(try await foreign.output.line(containing: "sent ") == "sent \(Self.trainRows)")
            for agent in sending {
              let finished = try await agent.value
              #expect(finished.code == 0, "\(finished.errors)")
            }
            let right = try self.right(in: predicted.output)
            #expect(right > 0.9, "\(right)")
          }
        }
      }
    }

    private func live(_ name: String, at port: Int) -> [String] {
      [
        "agent", folder.path("model-\(name)"), "--agent", name, "--connect", "http://127.0.0.1:\(port)", "--insecure",
        "--rows", folder.path("\(name)-live.csv"),
      ]
    }

    /// The share of verdicts that are right, of rows from the last on.
    private func right(in output: String) throws -> Double {
      let labels =
        folder.lines(of: "labels.csv").dropFirst().map { $0.hasSuffix("bad") ? "bad" : "ok" }.reversed() as [String]
      var right = 0
      for line in output.split(separator: "\n") {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let sample = try #require(
          (object["sample"] as? NSNumber)?.intValue ?? (object["sample"] as? String).flatMap { Int($0) })
        let label = try #require(object["label"] as? Int)
        right += ["ok", "bad"][label] == labels[sample] ? 1 : 0
      }
      return Double(right) / Double(Self.trainRows)
    }

    @Test(
      "Another secret, keys that come twice and an agent that is none are refused with the reason; the others wait",
      .timeLimit(.minutes(1)))
    func refusals() async throws {
      let scenario = try scenario()
      try await parties()
      try folder.write("another secret of somebody", to: "other")
      let lines = folder.lines(of: "a.csv")
      try folder.write((lines + [lines[5]]).joined(separator: "\n"), to: "twice.csv")
      try await withProgram(Programs.copur(), center(scenario)) { center in
        let port = try await center.listening().port
        let wrong = try await run(Programs.copur(), agent("a", at: port, secret: "other"))
        #expect(wrong.code == 78 && wrong.errors.contains("do all parties share one secret"), "\(wrong.errors)")
        let twice = try await run(Programs.copur(), agent("a", at: port, rows: "twice.csv"))
        #expect(twice.code == 65 && twice.errors.contains("twice: \"row 4\""), "\(twice.errors)")
        let nobody = try await run(Programs.copur(), agent("nobody", at: port, rows: "a.csv"))
        #expect(nobody.code == 78 && nobody.errors.contains("an agent is one of a, b, c"), "\(nobody.errors)")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for name in ["a", "b", "c"] {
            let arguments = agent(name, at: port)
            group.addTask {
              let finished = try await run(Programs.copur(), arguments)
              #expect(finished.code == 0, "\(finished.errors)")
            }
          }
          try await group.waitForAll()
        }
        try await expectEnding(of: center, .exited(0))
      }
    }

    /// Agents refused a gradient that was not finite, came back, and got it again, for ever.
    @Test("A training that diverges ends everybody with the reason", .timeLimit(.minutes(1)))
    func divergence() async throws {
      let scenario = try scenario(", learning_rate: 1e18")
      let text = try String(contentsOfFile: scenario, encoding: .utf8).replacing("optimizer: adam, ", with: "")
      try folder.write(text, to: "scenario.yaml")
      let finished = try await run(
        Programs.copur(), ["train", scenario, "--out", folder.path("diverged"), "--network"])
      #expect(finished.code == 69 && finished.errors.contains("the learning rate is too large"), "\(finished.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("diverged")))
    }

    /// How it is checked that features stay where they are: a row of an agent's file is looked for in the memory of both.
    @Test(
      "The fusion center's memory holds no row of an agent's features, and it opens no file of theirs",
      .timeLimit(.minutes(1)))
    func features() async throws {
      // So many epochs that there is time to look.
      let scenario = try scenario(", epochs: 20000")
      let text = try String(contentsOfFile: scenario, encoding: .utf8).replacing("epochs: 6, ", with: "")
      try folder.write(text, to: "scenario.yaml")
      try await parties()
      let values = folder.lines(of: "c.csv")[7].split(separator: ",").dropFirst().compactMap { Float($0) }
      try #require(values.count == 2)
      let row = values.withUnsafeBytes { Data($0) }
      try await withProgram(Programs.copur(), center(scenario)) { center in
        let port = try await center.listening().port
        try await withProgram(Programs.copur(), agent("a", at: port)) { _ in
          try await withProgram(Programs.copur(), agent("b", at: port)) { _ in
            try await withProgram(Programs.copur(), agent("c", at: port)) { c in
              _ = try await center.errors.line(containing: "\"every agent is there\"")
              try await Task.sleep(for: .seconds(1))
              #expect(try Self.holds(row, process: c.entry.id), "the search finds it where it is")
              #expect(try !Self.holds(row, process: center.entry.id))
              let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(center.entry.id)/fd").compactMap
              {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(center.entry.id)/fd/\($0)")
              }
              #expect(!files.contains { $0.hasSuffix(".csv") }, "\(files)")
            }
          }
        }
      }
    }

    /// What a browser has found on the page.
    private struct Page: Decodable {
      var states: [String]
      var phase: String
      var left: String
      var traffic: String
      var score: String
      var width: Int
      var problems: [String]
      var hosts: [String]
    }

    /// Steps for the browser; `$COPUR_SCREENSHOTS` names a folder that pictures are kept in.
    private func steps() throws -> String {
      let pictures = ProcessInfo.processInfo.environment["COPUR_SCREENSHOTS"] ?? folder.path("")
      func text(_ id: String) -> String { "document.getElementById('\(id)').textContent" }
      let steps: [[String: Any]] = [
        ["headers": ["Authorization": "Bearer 0123456789abcdef"]],
        ["size": [1280, 900], "media": ["prefers-color-scheme": "light"]],
        [
          "until":
            "document.getElementById('curves')?.ariaLabel?.startsWith('The loss of') && !\(text("left")).startsWith('–')"
        ],
        ["value": "[...document.querySelectorAll('#agents tr')].map((row) => row.dataset.state)", "as": "states"],
        ["value": text("phase"), "as": "phase"], ["value": text("left"), "as": "left"],
        ["value": text("traffic"), "as": "traffic"], ["value": text("score-note"), "as": "score"],
        ["screenshot": "\(pictures)/training-light.png"],
        ["media": ["prefers-color-scheme": "dark"]],
        ["screenshot": "\(pictures)/training-dark.png"],
        ["size": [390, 844], "scale": 2],
        ["screenshot": "\(pictures)/training-phone.png"],
        ["value": "document.documentElement.scrollWidth", "as": "width"],
      ]
      let data = try JSONSerialization.data(withJSONObject: steps)
      return try folder.write(String(decoding: data, as: UTF8.self), to: "steps.json")
    }

    @Test(
      "The page of a training shows loss, time left, agents and bytes to a browser, and nothing without a token",
      .timeLimit(.minutes(1)))
    func page() async throws {
      let scenario = try scenario(", epochs: 20000")
      let text = try String(contentsOfFile: scenario, encoding: .utf8).replacing("epochs: 6, ", with: "")
      try folder.write(text, to: "scenario.yaml")
      try folder.write("viewer somebody 0123456789abcdef\n", to: "tokens")
      let steps = try steps()
      try await withProgram(
        Programs.copur(),
        [
          "train", scenario, "--out", folder.path("bundle"), "--network", "--http", "127.0.0.1:0", "--http-token-file",
          folder.path("tokens"),
        ]
      ) { training in
        let line = try await training.errors.line(containing: "the dashboard is at ")
        let address = try #require(line.split(separator: " ").last.map(String.init))
        for (path, credentials, status) in [
          ("", [], "401"), ("events", [], "401"), ("metrics", [], "401"), ("v2/health/live", [], "200"),
          ("v2/models/fusion", ["-u", ":0123456789abcdef"], "404"), ("", ["-u", ":0123456789abcdef"], "200"),
        ] {
          let answer = try await run(
            "/usr/bin/env", ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"] + credentials + [address + path])
          #expect(answer.output == status, "\(path) \(credentials)")
        }
        let browser = try await run("/usr/bin/env", ["python3", Self.browser, try Programs.chromium(), address, steps])
        #expect(browser.code == 0, "\(browser.errors)")
        let page = try JSONDecoder().decode(Page.self, from: Data(browser.output.utf8))
        #expect(page.states == ["connected", "connected", "connected"])
        #expect(page.phase.hasPrefix("holding rows out"), "\(page.phase)")
        #expect(page.left.hasSuffix(" s") || page.left.hasSuffix(" min") || page.left.hasSuffix(" h"), "\(page.left)")
        #expect(page.traffic.contains("B received, ") && page.score.hasPrefix("comes with the end"))
        #expect(page.width == 390)
        #expect(page.problems == [] && page.hosts == [String(address.dropFirst("http://".count).dropLast())])
        let metrics = try await run(
          "/usr/bin/env", ["curl", "-s", "-H", "Authorization: Bearer 0123456789abcdef", address + "metrics"])
        #expect(metrics.output.contains("\ncopur_agents_up 3\n"))
        for direction in ["received", "sent"] {
          let found = metrics.output.firstMatch(
            of: try Regex(
              "copur_training_bytes_total\\{agent=\"a\",direction=\"\(direction)\"\\} ([0-9]+)",
              as: (Substring, Substring).self))
          #expect(try #require(found.flatMap { Int($0.1) }) > 10_000, "\(direction)")
        }
        training.send(SIGINT)
        try await expectEnding(of: training, .exited(130))
      }
    }

    /// Whether a process's writable memory holds bytes.
    private static func holds(_ bytes: Data, process: pid_t) throws -> Bool {
      let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
      let memory = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(process)/mem"))
      for line in maps.split(separator: "\n") where line.contains(" rw") && !line.contains("[v") {
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
        guard bounds.count == 2, bounds[0] < UInt64(Int64.max) else { continue }
        try? memory.seek(toOffset: bounds[0])
        guard let content = try? memory.read(upToCount: Int(bounds[1] - bounds[0])) else { continue }
        if content.range(of: bytes) != nil { return true }
      }
      return false
    }
  }
}
