import CopurLaunch
import CopurScenarios
import Foundation
import Testing

extension ProcessTests {
  /// Agents with rows of their own, and verdicts on the command line.
  struct OwnRowsTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// A table of three agents whose two columns each say the same of two classes.
    private func bundle() async throws -> (path: String, rows: [[Double]]) {
      var (generator, lines, rows) = (UInt64(7), ["a_1,a_2,b_1,b_2,c_1,c_2,state"], [[Double]]())
      for row in 0..<120 {
        let side = row % 3 == 0 ? 1.5 : -1.5
        let values = (0..<6).map { _ -> Double in
          generator = generator &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return side + (Double(generator >> 40) / Double(1 << 24) - 0.5)
        }
        rows.append(values)
        lines.append((values.map { "\($0)" } + [side > 0 ? "bad" : "ok"]).joined(separator: ","))
      }
      try folder.write(lines.joined(separator: "\n"), to: "table.csv")
      let scenario = try folder.write(
        """
        name: own
        dataset:
          kind: csv
          file: \(folder.path("table.csv"))
          label: state
          classes: [ok, bad]
          train_rows: 80
          agents: { a: ["a_*"], b: ["b_*"], c: ["c_*"] }
        training: { epochs: 5, hidden: 8, embedding: 4 }
        manifold: { kind: linear, code: 1 }
        defenses: [copur]
        attacks: [{ name: clean }]
        seeds: [0]
        """, to: "own.yaml")
      let trained = try await run(Programs.copur(), ["train", scenario, "--out", folder.path("bundle")])
      try #require(trained.code == 0, "\(trained.errors)")
      return (folder.path("bundle"), rows)
    }

    @Test(
      "Rows from a file, from standard input and by their time; predict and watch say the verdicts",
      .timeLimit(.minutes(1)))
    func ownRows() async throws {
      let (bundle, rows) = try await bundle()
      func lines(_ agent: Int, _ line: (Int, [Double]) -> String) -> String {
        rows.enumerated().map { line($0, Array($1[2 * agent..<2 * agent + 2])) }.joined(separator: "\n") + "\n"
      }
      try folder.write("sample,a_2,a_1\n" + lines(0) { "\($0),\($1[1]),\($1[0])" }, to: "a.csv")
      try folder.write(lines(1) { "{\"sample\": \($0), \"b_1\": \($1[0]), \"b_2\": \($1[1])}" }, to: "b.jsonl")
      try folder.write("taken,c_1,c_2\n" + lines(2) { "\(1_000_000 + 10 * $0 + 3),\($1[0]),\($1[1])" }, to: "c.csv")
      let sources = [
        ("a", ["--rows", folder.path("a.csv"), "--key", "sample"]),
        ("b", ["--rows", "-", "--key", "sample"]),
        ("c", ["--rows", folder.path("c.csv"), "--time", "taken", "--period", "10s", "--origin", "1000000"]),
      ]
      let arguments = ["serve", bundle, "--grpc", "127.0.0.1:0", "--insecure", "--deadline", "20s"]
      try await withProgram(Programs.copur(), arguments) { center in
        let url = "http://127.0.0.1:\(try await center.listening().port)"
        async let watched = run(Programs.copur(), ["watch", "--connect", url, "--insecure", "--count", "120"])
        async let predicted = run(
          Programs.copur(), ["predict", "--connect", url, "--insecure", "--samples", "0-118,119", "--json"])
        try await withThrowingTaskGroup { group in
          for (agent, source) in sources {
            group.addTask { [folder] in
              let program = [try Programs.copur(), "agent", bundle, "--agent", agent, "--connect", url, "--insecure"]
              let finished = try await run(
                "/bin/sh", ["-c", "exec \"$@\" < \(folder.path("b.jsonl"))", "sh"] + program + source)
              #expect(finished.code == 0 && finished.output == "\(agent): 120 accepted", "\(finished.errors)")
            }
          }
          try await group.waitForAll()
        }
        let verdicts = try await predicted
        #expect(verdicts.code == 0, "\(verdicts.errors)")
        var labels: [Int: Int] = [:]
        for line in verdicts.output.split(separator: "\n") {
          let verdict = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
          #expect(verdict["status"] as? String == "decided" && verdict["contributed"] as? [String] == ["a", "b", "c"])
          labels[try #require(verdict["sample"] as? Int)] = try #require(verdict["label"] as? Int)
        }
        // The columns came in another order, and the labels did not come at all.
        #expect(labels == Dictionary(uniqueKeysWithValues: (0..<120).map { ($0, $0 % 3 == 0 ? 1 : 0) }))
        let seen = try await watched
        #expect(seen.code == 0 && seen.output.split(separator: "\n").count == 120)
        #expect(seen.output.contains("live 7 decided; label 0; contributed: a b c (copur, model "))
      }
    }

    @Test("A sample that too few speak of is not decided: 69", .timeLimit(.minutes(1)))
    func undecided() async throws {
      let (bundle, _) = try await bundle()
      let arguments = [
        "serve", bundle, "--grpc", "127.0.0.1:0", "--insecure", "--deadline", "100ms", "--session-wait", "0s",
        "--reconnect-grace", "0s",
      ]
      try await withProgram(Programs.copur(), arguments) { center in
        let url = "http://127.0.0.1:\(try await center.listening().port)"
        async let predicted = run(
          Programs.copur(), ["predict", "--connect", url, "--insecure", "--samples", "5", "--session", "lonely"])
        try folder.write("sample,a_1,a_2\n5,1,1\n", to: "a.csv")
        let agent = try await run(
          Programs.copur(),
          [
            "agent", bundle, "--agent", "a", "--connect", url, "--insecure", "--session", "lonely", "--rows",
            folder.path("a.csv"), "--key", "sample",
          ])
        #expect(agent.output == "a: 1 accepted", "\(agent.errors)")
        let finished = try await predicted
        #expect(
          finished.code == 69 && finished.errors.contains("1 of 1 samples were not decided"), "\(finished.errors)")
        #expect(finished.output.contains("lonely 5"))
      }
    }

    @Test("A wrong row ends the agent with its line, after saying what came of the others: 65", .timeLimit(.minutes(1)))
    func wrongRow() async throws {
      let (bundle, _) = try await bundle()
      try folder.write("sample,a_1,a_2\n0,1,1\n1,1\n", to: "a.csv")
      let arguments = ["serve", bundle, "--grpc", "127.0.0.1:0", "--insecure"]
      try await withProgram(Programs.copur(), arguments) { center in
        let url = "http://127.0.0.1:\(try await center.listening().port)"
        let finished = try await run(
          Programs.copur(),
          [
            "agent", bundle, "--agent", "a", "--connect", url, "--insecure", "--rows", folder.path("a.csv"), "--key",
            "sample",
          ])
        #expect(finished.code == 65 && finished.errors.contains("a.csv:3: a row has as many fields as the header"))
        let usage = try await run(
          Programs.copur(), ["agent", bundle, "--agent", "a", "--connect", url, "--insecure", "--key", "sample"])
        #expect(usage.code == 64 && usage.errors.contains("--key is about --rows"))
      }
    }
  }
}
