import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// `copur run` of scenarios with a `sweep:`, with `--set`, and in parts.
  struct SweepTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The bytes of a file of rows without the time that each row took.
    private func rows(_ name: String) -> [String] {
      folder.lines(of: name).map { $0.replacing(/"seconds_per_sample":[^,]*,/, with: "") }
    }

    private func scenario(_ attacks: [String], defenses: String = "[unsecured, copur]", sweep: String) throws -> String
    {
      try folder.write(
        SmallScenario(attacks: attacks, defenses: defenses, seeds: [0, 1], code: "1").text + "\nsweep: \(sweep)\n",
        to: "sweep.yaml")
    }

    private func arguments(_ scenario: String, out: String) async throws -> [String] {
      [
        "run", scenario, "--in-process", "--predictions", "--cache", try await Workshop.shared.value.cache, "--out",
        folder.path(out),
      ]
    }

    @Test("A sweep that was killed goes on and ends with the bytes of one in one go", .timeLimit(.minutes(3)))
    func goesOn() async throws {
      let attacks = (1...24).map {
        "{ name: flip \($0), kind: feature-flipping, agents: [top-left], amplification: \($0) }"
      }
      let scenario = try scenario(attacks, sweep: "{ attacks.0.amplification: [0.5, 0.25, 40] }")
      let points = ["amplification=0.5", "amplification=0.25", "amplification=40"]
      let parts = try await arguments(scenario, out: "parts")
      try await withProgram(Programs.copur(), parts) { program in
        try await eventually { folder.lines(of: "parts/points/\(points[1])/results.jsonl").count > 3 }
        program.send(SIGKILL)
        try await expectEnding(of: program, .signaled(SIGKILL))
      }
      #expect(folder.lines(of: "parts/results.jsonl").count == 96)
      #expect(!FileManager.default.fileExists(atPath: folder.path("parts/points/\(points[2])")))
      let finished = try await run(Programs.copur(), parts)
      #expect(finished.code == 0 && finished.output.contains("small: 3 of 3 points"), "\(finished.errors)")
      #expect(try await run(Programs.copur(), arguments(scenario, out: "whole")).code == 0)
      for name in ["results.jsonl", "certificates.jsonl"] {
        #expect(rows("parts/\(name)") == rows("whole/\(name)") && !rows("parts/\(name)").isEmpty)
        for point in points { #expect(rows("parts/points/\(point)/\(name)") == rows("whole/points/\(point)/\(name)")) }
      }
      for point in points {
        #expect(
          try Data(contentsOf: URL(filePath: folder.path("parts/points/\(point)/predictions.csv")))
            == Data(contentsOf: URL(filePath: folder.path("whole/points/\(point)/predictions.csv"))))
      }
      let header = try #require(folder.lines(of: "whole/results.csv").first)
      #expect(header.hasPrefix("point,attacks.0.amplification,scenario,dataset,seed,"))
      #expect(folder.lines(of: "whole/results.csv").count == 3 * 96 + 1)
      #expect(rows("whole/results.jsonl")[0].hasPrefix(#"{"point":"amplification=0.5","attacks.0.amplification":0.5,"#))
      let page = try String(contentsOfFile: folder.path("whole/report.html"), encoding: .utf8)
      for point in points { #expect(page.contains("points/\(point)/report.html")) }

      // Finished: nothing is measured again.
      let modified = try folder.modified("parts/points/\(points[2])/results.jsonl")
      let again = try await run(Programs.copur(), parts)
      #expect(again.code == 0 && again.output == finished.output)
      #expect(try folder.modified("parts/points/\(points[2])/results.jsonl") == modified)

      // Another sweep, and a run, are refused there, and say what differs.
      let other = try await run(Programs.copur(), parts + ["--set", "sweep={ attacks.0.amplification: [1] }"])
      #expect(other.code == 73)
      #expect(other.errors.contains("there is another, of small with attacks.0.amplification: 0.5, 0.25, 40"))
      let single = try await run(Programs.copur(), parts + ["--point", points[0]])
      #expect(single.code == 73 && single.errors.contains("results are written beside no others"), "\(single.errors)")
    }

    @Test("A point that fails is said, and the others are run", .timeLimit(.minutes(3)))
    func failure() async throws {
      let scenario = try scenario(
        ["{ name: flip, kind: feature-flipping, agents: [top-left], amplification: 1 }"],
        defenses: "[unsecured]", sweep: "{ dataset.train_rows: [100000, 1000] }")
      let arguments = try await arguments(scenario, out: "out")
      for _ in 1...2 {
        let finished = try await run(Programs.copur(), arguments)
        #expect(finished.code != 0)
        #expect(finished.errors.contains("point train_rows=100000 failed: "), "\(finished.errors)")
        #expect(finished.errors.contains("1 of 2 points failed: train_rows=100000; the same command tries them again"))
        #expect(folder.lines(of: "out/results.jsonl").count == 2)
      }
    }

    @Test(
      "Shards run at once in one folder, and merged they are the sweep in one piece", .timeLimit(.minutes(3)))
    func shards() async throws {
      let scenario = try scenario(
        ["{ name: flip, kind: feature-flipping, agents: [top-left], amplification: 1 }"], defenses: "[unsecured]",
        sweep: "{ attacks.flip.amplification: [1, 2, 3] }")
      let arguments = try await arguments(scenario, out: "out")
      // One first, which trains both models.
      #expect(try await run(Programs.copur(), arguments + ["--shard", "1/4"]).code == 0)
      async let second = run(Programs.copur(), arguments + ["--shard", "2/4"])
      async let third = run(
        Programs.copur(), arguments + ["--shard", "slurm"],
        environment: ["SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "4"])
      let (two, three) = try await (second, third)
      #expect(two.code == 0 && three.code == 0, "\(two.errors)\(three.errors)")
      #expect(try await run(Programs.copur(), arguments + ["--shard", "4/4"]).code == 0)
      #expect((1...4).map { folder.lines(of: "out/shards/\($0)-of-4/results.jsonl").count } == [2, 2, 1, 1])
      let other = try await run(Programs.copur(), arguments + ["--shard", "1/3"])
      #expect(other.code == 73 && other.errors.contains("the shards of a folder are parts of one division"))

      // Together they are the sweep in one piece.
      let part = folder.path("out/shards/3-of-4")
      let early = try await run(
        Programs.copur(), ["merge", folder.path("early"), folder.path("out/shards/1-of-4"), part])
      #expect(early.code == 66 && early.errors.contains("  amplification=1, seed 1, of shard 2/4\n"), "\(early.errors)")
      let merged = try await run(Programs.copur(), ["merge", folder.path("out")])
      #expect(merged.code == 0 && merged.output.contains("6 results of 4 folders"), "\(merged.errors)")
      let whole = try await self.arguments(scenario, out: "whole")
      #expect(try await run(Programs.copur(), whole).code == 0)
      for name in ["results.jsonl"] + (1...3).map({ "points/amplification=\($0)/results.jsonl" }) {
        #expect(rows("out/\(name)") == rows("whole/\(name)") && !rows("out/\(name)").isEmpty, "\(name)")
      }
      func record(_ name: String) -> [String] {
        folder.lines(of: name).filter { !$0.contains("\"started\"") && !$0.contains("\"finished\"") }
      }
      for name in ["sweep.json"] + (1...3).map({ "points/amplification=\($0)/run.json" }) {
        #expect(record("out/\(name)") == record("whole/\(name)"), "\(name)")
      }
      // A part that is merged goes on as the whole.
      #expect(
        try await run(Programs.copur(), ["merge", folder.path("partial"), part, "--partial"]).code == 0)
      let rest = try await run(Programs.copur(), self.arguments(scenario, out: "partial"))
      #expect(rest.code == 0 && rows("partial/results.jsonl") == rows("whole/results.jsonl"), "\(rest.errors)")
    }

    @Test("--set changes a run, is recorded, and a mistake in it is shown", .timeLimit(.minutes(3)))
    func settings() async throws {
      let scenario = try folder.write(
        SmallScenario(
          attacks: ["{ name: flip, kind: feature-flipping, agents: [top-left], amplification: 1 }"],
          defenses: "[unsecured]", code: "1"
        ).text, to: "small.yaml")
      let arguments = try await arguments(scenario, out: "out")
      let set = ["--set", "attacks.flip.amplification=7", "--set", "seeds=[1]"]
      #expect(try await run(Programs.copur(), arguments + set).code == 0)
      #expect(folder.lines(of: "out/results.jsonl").count == 1)
      #expect(folder.lines(of: "out/results.jsonl")[0].contains(#""amplification":7"#))
      let record = try String(contentsOfFile: folder.path("out/run.json"), encoding: .utf8)
      #expect(record.contains("--set attacks.flip.amplification=7 --set 'seeds=[1]'"))
      let other = try await run(Programs.copur(), arguments)
      #expect(other.code == 73 && other.errors.contains("--set attacks.flip.amplification=7"), "\(other.errors)")
      for command in [["run", scenario], ["train", scenario, "--out", folder.path("bundle")]] {
        let wrong = try await run(Programs.copur(), command + ["--set", "training.embeding=16"])
        #expect(wrong.code == 78)
        #expect(
          wrong.errors.contains("--set: error: unknown key \"embeding\"") && wrong.errors.contains("did you mean"))
        #expect(wrong.errors.hasSuffix("training.embeding=16\n         ^"), "\(wrong.errors)")
      }
    }
  }
}
