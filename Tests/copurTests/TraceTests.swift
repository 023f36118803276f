import CopurLaunch
import CopurScenarios
import CopurTLS
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Spans of `copur serve` at a collector that is not ours.
  struct TraceTests {
    private struct Span: Decodable {
      var service, scope, name, kind, trace, id, parent, status: String
      var start, end: UInt64
      var attributes: [String: String]
    }

    private static let collector = Programs.package.appending(path: "Tests/copurTests/Clients/collector.py").path
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    private func withCollector<Result>(
      _ options: [String] = [], _ body: (RunningProgram, Int) async throws -> Result
    ) async throws -> Result {
      try await withProgram(Programs.python(), [Self.collector] + options) { collector in
        let line = try await collector.output.line(containing: "listening ")
        return try await body(collector, try #require(line.split(separator: " ").last.flatMap { Int($0) }))
      }
    }

    @Test(
      "A round is in its caller's trace with the parts of its time, at a collector with TLS; nobody's data are",
      .timeLimit(.minutes(1)))
    func spans() async throws {
      struct Answer: Decodable { var traceparents: [String] }
      let workshop = try await Workshop.shared.value
      let server = workshop.certificates.server
      try await withCollector(["--certificate", server.chain, "--key", server.key]) { collector, port in
        let options = [
          "--otlp", "https://127.0.0.1:\(port)", "--otlp-ca", workshop.certificates.ca, "--deadline", "1s",
          "--http", "127.0.0.1:0", "--http-plaintext",
        ]
        try await withProgram(Programs.copur(), workshop.serve(options)) { center in
          let target = ForeignAgent.Target(
            port: try await center.listening().port, certificates: workshop.certificates, agents: SmallScenario.agents,
            modelVersion: workshop.modelVersion, width: 8)
          let answer = try await ForeignAgent.play("receipts", against: target, answer: Answer.self)
          let address = "127.0.0.1:\(try await center.servingPort())"
          for path in ["v2/health/ready", "nothing"] {
            _ = try await run(
              try Programs.system("curl"),
              ["-s", "-H", "traceparent: 00-\(Self.trace)-00f067aa0ba902b7-01", "\(address)/\(path)"])
          }
          // What ended last is sent before the service is gone.
          center.send(SIGTERM)
          try await expectEnding(of: center, .exited(0))
          let lines = collector.output.lines.filter { $0.hasPrefix("{") }
          let spans = try lines.map { try JSONDecoder().decode(Span.self, from: Data($0.utf8)) }
          #expect(spans.allSatisfy { $0.service == "copur" && $0.scope == "copur" && $0.start <= $0.end })
          #expect(spans.allSatisfy { $0.trace == Self.trace })

          let call = try #require(spans.first { $0.name == "copur.v1.FusionCenter/Predict" })
          #expect(call.parent == "00f067aa0ba902b7" && call.kind == "SPAN_KIND_SERVER")
          #expect(call.attributes["rpc.grpc.status_code"] == "0" && call.status == "STATUS_CODE_UNSET")
          #expect(answer.traceparents.last == "00-\(Self.trace)-\(call.id)-01")
          let rounds = spans.filter { $0.name == "round" }
          #expect(Set(rounds.map { $0.attributes["copur.sample"] }) == ["0", "1"] && rounds.count == 2)
          for round in rounds {
            #expect(round.parent == call.id && round.kind == "SPAN_KIND_INTERNAL")
            #expect(round.attributes["copur.blocks"] == "1" && round.attributes["copur.missing.count"] == "3")
            let parts = spans.filter { $0.parent == round.id }
            #expect(Set(parts.map(\.name)) == ["gather", "decide", "store"] && parts.count == 3)
            #expect(parts.allSatisfy { round.start <= $0.start && $0.end <= round.end })
            let gathering = try #require(parts.first { $0.name == "gather" })
            #expect(gathering.end - gathering.start > 900_000_000, "it waited for its deadline")
            // Blocks, labels and probabilities stay with the parties.
            #expect(round.attributes.keys.allSatisfy { $0.hasPrefix("copur.") })
            #expect(!round.attributes.keys.contains { $0.contains("label") || $0.contains("probab") })
          }
          let requests = spans.filter { $0.kind == "SPAN_KIND_SERVER" && $0.scope == "copur" && $0.id != call.id }
          #expect(requests.map(\.name) == ["GET /v2/health/ready", "GET"])
          #expect(requests.map { $0.attributes["http.response.status_code"] } == ["200", "404"])
        }
      }
    }

    @Test(
      "A collector that is gone, or that never answers, takes nothing from rounds or from the end of the service",
      .timeLimit(.minutes(1)), arguments: [false, true])
    func troubled(_ isThere: Bool) async throws {
      let workshop = try await Workshop.shared.value
      try await withCollector(["--mute"]) { collector, port in
        // Nobody listens on the discard port.
        let options = [
          "--otlp", "http://127.0.0.1:\(isThere ? port : 9)", "--http", "127.0.0.1:0", "--http-plaintext",
        ]
        try await withProgram(Programs.copur(), workshop.serve(options)) { center in
          let agent = workshop.agent("top-left", to: try await center.listening().port)
          let port = try await center.servingPort()
          let finished = try await run(Programs.copur(), agent)
          #expect(finished.output == "top-left: 200 accepted", "\(finished.errors)")
          if isThere {
            try await collector.output.line(containing: "muted")
          } else {
            try await center.errors.line(containing: "no answer from the collector")
          }
          let metrics = try await run(try Programs.system("curl"), ["-s", "127.0.0.1:\(port)/metrics"])
          #expect(metrics.output.contains("\ncopur_spans_total{outcome=\"sent\"} 0\n"))
          let start = ContinuousClock.now
          center.send(SIGTERM)
          try await expectEnding(of: center, .exited(0))
          #expect(ContinuousClock.now - start < .seconds(8))
          #expect(center.errors.lines.count { $0.contains("no answer from the collector") } <= 1)
          #expect(center.errors.text.contains("the last spans were not sent"), "\(center.errors.text)")
        }
      }
    }

    @Test(
      "An option that names no collector, or is about none: 64, and the rule", .timeLimit(.minutes(1)),
      arguments: [
        (["--otlp", "collector:4317"], "--otlp is http://HOST:PORT or https://HOST:PORT (actual: collector:4317)"),
        (["--otlp", "http://collector:4317/v1/traces"], "--otlp is http://HOST:PORT"),
        (["--otlp", "http://collector"], "--otlp is http://HOST:PORT"),
        (["--otlp", "https://collector:4317"], "--otlp https:// needs --otlp-ca"),
        (["--otlp", "http://collector:4317", "--otlp-ca", "ca.pem"], "--otlp-ca is about https://"),
        (["--otlp", "http://c:1", "--traced-rounds", "1001"], "--traced-rounds is 0 to 1000 (actual: 1001)"),
        (["--traced-rounds", "5"], "--otlp-ca and --traced-rounds are about --otlp, which is not given"),
      ])
    func options(_ options: [String], _ rule: String) async throws {
      let finished = try await run(Programs.copur(), ["serve", "bundle", "--insecure"] + options)
      #expect(finished.code == 64 && finished.errors.contains(rule), "\(finished.errors)")
    }
  }
}
