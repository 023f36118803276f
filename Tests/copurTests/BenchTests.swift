import Foundation
import Testing

extension ProcessTests {
  /// `copur bench`: what it prints, not how fast it is.
  struct BenchTests {
    private struct Line: Decodable {
      var engine: String
      var batch: Int
      var secondsPerSample: Double
      var objective: Double?
      var iterations: Double?
      var convergedFraction: Double?
      var notAboveSchedule: Double?
      var timesFasterThan: [String: Double]?

      private enum CodingKeys: String, CodingKey {
        case engine, batch, objective, iterations
        case secondsPerSample = "seconds_per_sample"
        case convergedFraction = "converged_fraction"
        case notAboveSchedule = "not_above_schedule"
        case timesFasterThan = "times_faster_than"
      }
    }

    private let small = [
      "bench", "purify", "--agents", "4", "--dim", "6", "--hidden", "16", "--code", "2", "--batch", "1", "--batch",
      "40", "--repeats", "2", "--json",
    ]

    @Test("a line an engine and batch, ratios to another program that runs in turn", .timeLimit(.minutes(1)))
    func purify() async throws {
      let other = #"echo '{"engine": "other", "batch": 40, "seconds_per_sample": 1000}'"#
      let finished = try await run(Programs.copur(), small + ["--compare", other])
      #expect(finished.code == 0, "\(finished.errors)")
      let lines = try finished.output.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
      #expect(
        lines.map { "\($0.engine) \($0.batch)" } == [
          "copur-paper-schedule 1", "copur 1", "copur-paper-schedule 40", "copur 40", "other 40",
        ])
      for line in lines.dropLast() {
        #expect(line.secondsPerSample > 0 && (line.objective ?? 0) > 0 && (line.iterations ?? 0) >= 1)
        if line.engine == "copur" {
          #expect(line.convergedFraction == 1 && (line.notAboveSchedule ?? 0) >= 0.99)
        }
        if line.batch == 40 {
          #expect(abs((line.timesFasterThan?["other"] ?? 0) * line.secondsPerSample - 1000) < 1e-6)
        } else {
          #expect(line.timesFasterThan == nil)
        }
      }
    }

    @Test("products: a line each, beside the library's kernel by name", .timeLimit(.minutes(2)))
    func products() async throws {
      struct Product: Decodable {
        var copurGigaflops, openblasGigaflops, timesFaster: Double
        var kernel, instructions: String

        private enum CodingKeys: String, CodingKey {
          case kernel, instructions
          case copurGigaflops = "copur_gigaflops"
          case openblasGigaflops = "openblas_gigaflops"
          case timesFaster = "times_faster"
        }
      }
      let finished = try await run(
        Programs.copur(), ["bench", "products", "--repeats", "1", "--json"],
        environment: ["OPENBLAS_CORETYPE": "Prescott"])
      #expect(finished.code == 0, "\(finished.errors)")
      let decoder = JSONDecoder()
      let lines = try finished.output.split(separator: "\n").map {
        try decoder.decode(Product.self, from: Data($0.utf8))
      }
      #expect(lines.count >= 10)
      for line in lines {
        #expect(line.kernel == "Prescott" && ["AVX-512", "AVX2", "none"].contains(line.instructions))
        #expect(abs(line.openblasGigaflops * line.timesFaster / line.copurGigaflops - 1) < 1e-6)
      }
    }

    @Test("another program that fails, or prints no measurement, is named", .timeLimit(.minutes(1)))
    func otherProgram() async throws {
      let failing = try await run(Programs.copur(), small + ["--compare", "exit 3"])
      #expect(failing.code != 0 && failing.errors.contains("exit 3: exit status 3"), "\(failing.errors)")
      let silent = try await run(Programs.copur(), small + ["--compare", "echo hello"])
      #expect(silent.code != 0 && silent.errors.contains("no line of JSON"), "\(silent.errors)")
    }

    @Test("figures are compared with a file of thresholds: each is printed, one that is missed ends with 1")
    func thresholds() async throws {
      let folder = try TestFolder()
      func check(_ file: String) async throws -> FinishedProgram {
        try await run(Programs.copur(), small + ["--check", file])
      }
      let other = #"{ "name": "beside none", "measure": "times_faster_than.none", "at_least": 2 }"#
      func file(_ name: String, _ bound: String) throws -> String {
        let ratio =
          #"{ "name": "ratio", "where": { "engine": "copur", "batch": 40, "code": 2 }, "measure": "seconds_per_sample", "#
          + #""over": { "engine": "copur-paper-schedule" }, \#(bound) }"#
        return try folder.write(#"{ "purify": [\#(ratio), \#(other)] }"#, to: name)
      }
      let kept = try await check(try file("kept.json", #""at_most": 1e6"#))
      #expect(kept.code == 0 && kept.errors.contains("kept: ratio: "), "\(kept.errors)")
      #expect(kept.errors.contains("not measured: beside none: at least 2"), "\(kept.errors)")
      #expect(kept.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
      let missed = try await check(try file("missed.json", #""at_most": 0"#))
      #expect(missed.code == 1 && missed.errors.contains("copur: thresholds missed: ratio"), "\(missed.errors)")
      let nothing = try await check(try folder.write(#"{ "purify": [\#(other)] }"#, to: "nothing.json"))
      #expect(nothing.code == 78 && nothing.errors.contains("no threshold is about what was measured"))
      let malformed = try await check(try folder.write(#"{ "purify": [{}] }"#, to: "malformed.json"))
      #expect(malformed.code == 65 && malformed.output.isEmpty && malformed.errors.contains("malformed.json"))
      let table = try await run(
        Programs.copur(), small.dropLast() + ["--check", try file("table.json", #""at_most": 1e6"#)])
      #expect(table.code == 0 && table.output.contains("\nkept: ratio: "), "\(table.output)")
    }

    @Test(
      "a training over the network has the losses of one in a process, and its agents end well", .timeLimit(.minutes(2))
    )
    func training() async throws {
      let folder = try TestFolder()
      // As small as can be: the agents end while the process that started them does.
      for _ in 0..<5 {
        let finished = try await run(
          Programs.copur(),
          [
            "bench", "training", "--agents", "2", "--features", "8", "--rows", "128", "--dim", "4", "--batch", "64",
            "--epochs", "1", "--repeats", "1", "--synchronous", "--curve", folder.path("curve.csv"),
          ])
        #expect(finished.code == 0, "\(finished.errors)")
      }
      let lines = folder.lines(of: "curve.csv")
      #expect(try lines[0] == ResultFiles.header("The file of `copur bench training --curve`"))
      let losses = lines.dropFirst().compactMap { $0.split(separator: ",").last }
      #expect(losses.count == 2 && Set(losses).count == 1, "\(lines)")
    }

    private struct NetworkLine: Decodable {
      var engine: String
      var roundsPerSecond: Double
      var p50: Double?
      var p99: Double?
      var receiptP99: Double?
      var peakMemory: Double?
      var incompleteRounds: Int?
      var timesFasterThan: [String: Double]?

      private enum CodingKeys: String, CodingKey {
        case engine
        case roundsPerSecond = "rounds_per_second"
        case p50 = "p50_ms"
        case p99 = "p99_ms"
        case receiptP99 = "receipt_p99_ms"
        case peakMemory = "peak_memory_mb"
        case incompleteRounds = "incomplete_rounds"
        case timesFasterThan = "times_faster_than"
      }
    }

    @Test("rounds a second of real processes, at full speed and at a part of it", .timeLimit(.minutes(2)))
    func network() async throws {
      let other = #"echo '{"engine": "other", "rounds_per_second": 0.5}'"#
      let finished = try await run(
        Programs.copur(),
        [
          "bench", "network", "--agents", "3", "--processes", "2", "--dim", "4", "--seconds", "0.3", "--batch", "2",
          "--load", "0.1", "--json", "--compare", other, "--compare", other.replacing("other", with: "third"),
        ])
      #expect(finished.code == 0, "\(finished.errors)")
      let lines = try finished.output.split(separator: "\n").map {
        try JSONDecoder().decode(NetworkLine.self, from: Data($0.utf8))
      }
      #expect(lines.map(\.engine) == ["copur", "copur", "other", "third"])
      for line in lines.prefix(2) {
        #expect(line.roundsPerSecond > 0 && line.incompleteRounds == 0)
        #expect((line.p50 ?? 0) > 0 && (line.p99 ?? 0) >= (line.p50 ?? 0) && (line.receiptP99 ?? 0) > 0)
        #expect((line.peakMemory ?? 0) > 1)
      }
      for other in ["other", "third"] {
        #expect(abs((lines[0].timesFasterThan?[other] ?? 0) - 2 * lines[0].roundsPerSecond) < 1e-6)
      }
    }
  }
}
