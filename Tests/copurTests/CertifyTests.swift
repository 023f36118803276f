import Foundation
import Testing

extension ProcessTests {
  /// `copur certify` from a scenario to certified accuracy.
  struct CertifyTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func certify(_ small: SmallScenario, _ options: [String] = []) async throws -> FinishedProgram {
      let scenario = try folder.write(small.text, to: "small.yaml")
      let cache = try await Workshop.shared.value.cache
      return try await run(Programs.copur(), ["certify", scenario, "--cache", cache] + options)
    }

    @Test("A table, and a line of JSON a set; named sets in place of the attacks' ones", .timeLimit(.minutes(1)))
    func table() async throws {
      let small = SmallScenario(code: "1")
      let finished = try await certify(
        small, ["--defense", "copur", "--out", folder.path("c.jsonl"), "--predictions", folder.path("p.csv")])
      #expect(finished.code == 0, "\(finished.errors)")
      let lines = finished.output.split(separator: "\n")
      #expect(lines.first == "small: fashion-mnist, \(SmallScenario.rows) samples, copur, seed 0")
      for start in ["none", "bottom-right", "top-left, bottom-right", "any one agent", "any two agents"] {
        #expect(lines.count { $0.hasPrefix("\(start)  ") } == 1, "\(start) is one line of:\n\(finished.output)")
      }
      let rows = try folder.lines(of: "c.jsonl").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(
        rows.map { $0["agents"] as? [String] } == [["bottom-right"], ["top-left", "bottom-right"], nil, nil, nil])
      for row in rows {
        #expect(try #require(row["certified_accuracy"] as? Double) <= #require(row["accuracy"] as? Double))
      }
      let predictions = folder.lines(of: "p.csv")
      #expect(predictions.count == 1 + rows.count * SmallScenario.rows)
      #expect(predictions.first?.hasPrefix("seed,agents,any,sample,label,prediction,certified,defense") == true)
      let named = try await certify(small, ["--agents", "top-right,top-left", "--seeds", "1"])
      #expect(named.code == 0 && named.output.contains("\ntop-right, top-left  "), "\(named.errors)")
      #expect(!named.output.contains("bottom-right"))
      // Without --defense, and with "all", those that have certificates.
      #expect(named.output.hasPrefix("small: fashion-mnist, \(SmallScenario.rows) samples, 2 defences, seed 0"))
      #expect(named.output.contains("copur-paper") && !named.output.contains("unsecured"))
      let all = try await certify(small, ["--agents", "top-right,top-left", "--seeds", "1", "--defense", "all"])
      #expect(all.output == named.output)
    }

    @Test(
      "More dimensions: 78; a defence or agent that is none: 64; a file that cannot be made: 73",
      .timeLimit(.minutes(1)))
    func errors() async throws {
      let wide = try await certify(SmallScenario())
      #expect(wide.code == 78 && wide.output == "")
      #expect(wide.errors.contains("a certificate needs a linear manifold of one dimension (actual: linear, code 8)"))
      let small = SmallScenario(code: "1")
      let wrong: [([String], Int32, String)] = [
        (["--defense", "magic"], 64, "(actual: \"magic\")"), (["--agents", "left"], 64, "(actual: \"left\")"),
        (["--agents", "top-left,"], 64, "(actual: \"\")"), (["--seeds", "0"], 64, "--seeds is 1 to 10000 (actual: 0)"),
        (["--out", folder.path("none/c.jsonl")], 73, "none/c.jsonl: the results cannot be written"),
      ]
      for (options, code, message) in wrong {
        let finished = try await certify(small, options)
        #expect(finished.code == code && finished.errors.contains(message), "\(options): \(finished.errors)")
      }
    }
  }
}
