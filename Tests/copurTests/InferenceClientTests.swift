import CopurScenarios
import CopurTLS
import Foundation
import Testing

extension ProcessTests {
  /// Clients of inference servers, health checks, monitoring: written by others, and unchanged.
  struct InferenceClientTests {
    /// One fusion center for all clients, one after the other.
    @Test("grpcio, health, reflection, tritonclient, schemathesis, a Prometheus parser", .timeLimit(.minutes(3)))
    func clients() async throws {
      try await InferenceClients.withFusionCenter { clients in
        try await health(clients)
        try await reflection(clients)
        try await grpcio(clients)
        try await concurrent(clients)
        try await triton(clients)
        try await openAPI(clients)
        try await metrics(clients)
      }
    }

    private func health(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        var checked, watched: [String: String]
        var isStillOpen: Bool
        enum CodingKeys: String, CodingKey {
          case checked, watched
          case isStillOpen = "still open"
        }
      }
      let answer = try await clients.play("health", answer: Answer.self)
      #expect(
        answer.checked == [
          "": "SERVING", "copur.v1.FusionCenter": "SERVING", "inference.GRPCInferenceService": "SERVING",
          "grpc.health.v1.Health": "SERVING", "nobody": "NOT_FOUND",
        ])
      #expect(answer.watched == ["": "SERVING", "nobody": "SERVICE_UNKNOWN"] && answer.isStillOpen)
    }

    private func reflection(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        var services, newer: [String]
        var unknown: Int
        var fields: [String: Int]
        var join: [String]
        enum CodingKeys: String, CodingKey {
          case services, unknown, fields, join
          case newer = "v1 services"
        }
      }
      let answer = try await clients.play("reflection", answer: Answer.self)
      #expect(
        answer.services == [
          "copur.v1.FusionCenter", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection", "inference.GRPCInferenceService",
        ])
      #expect(answer.newer == answer.services)
      #expect(answer.unknown == 5, "NOT_FOUND")
      #expect(
        answer.fields == [
          "model_name": 1, "model_version": 2, "id": 3, "parameters": 4, "inputs": 5, "outputs": 6,
          "raw_input_contents": 7,
        ])
      #expect(answer.join == ["copur.v1.JoinRequest", "copur.v1.JoinResponse"])
    }

    private func grpcio(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        struct Refusal: Decodable { var code, message: String }
        var live, ready, same: Bool
        var outputs: [String]
        var parameters: [String: String]
        var id: String
        var refused: [String: Refusal]
        var rawOutputs: Int
        enum CodingKeys: String, CodingKey {
          case live, ready, same, outputs, parameters, id, refused
          case rawOutputs = "raw outputs"
        }
      }
      let answer = try await clients.play(
        "grpcio", options: ["--stubs", try await ForeignAgent.stubs.value], answer: Answer.self)
      #expect(answer.live && answer.ready && answer.same && answer.id == "grpcio")
      let outputs = ["label", "probabilities", "purified", "block_residual", "suspect", "converged", "objective"]
      #expect(answer.outputs == outputs && answer.rawOutputs == outputs.count)
      #expect(answer.parameters["contributors"] == SmallScenario.agents.dropLast().joined(separator: ","))
      #expect(answer.parameters["missing"] == SmallScenario.agents.last && answer.parameters["defense"] == "copur")
      #expect(answer.parameters["suspects"] != nil)
      let expected = [
        "infinite": ("INVALID_ARGUMENT", "input \"top-left\": every value is finite (sample 0, value 0: inf)"),
        "too wide": ("INVALID_ARGUMENT", "(actual: [1, 9])"),
        "no agent": ("INVALID_ARGUMENT", "input \"nobody\": an input is named as one of the agents"),
        "no quorum": ("FAILED_PRECONDITION", "quorum: a sample has at least 2 agents' blocks (sample 0: 1)"),
        "no model": ("NOT_FOUND", "(actual: \"other\")"),
        "raw and typed": ("INVALID_ARGUMENT", "a request with raw_input_contents has no contents"),
        "datatype": ("INVALID_ARGUMENT", "(actual: \"FP64\")"),
        "defence": ("NOT_FOUND", "parameters.defense: one of [\"copur\"] (actual: \"magic\")"),
      ]
      #expect(Set(answer.refused.keys) == Set(expected.keys))
      for (attempt, (code, message)) in expected {
        #expect(answer.refused[attempt]?.code == code, "\(attempt)")
        let said = answer.refused[attempt]?.message ?? ""
        #expect(said.contains(message), "\(attempt): \(said)")
      }
    }

    /// A request's answer is the same whatever else is asked at the same time, and the statistics add up.
    private func concurrent(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        var same: Bool
        var inferences, executions, samples, batchedSamples, calls, batchedCalls: Int
        var nanoseconds, batchedNanoseconds, parts, whole: Int
        enum CodingKeys: String, CodingKey {
          case same, inferences, executions, samples, calls, nanoseconds, parts, whole
          case batchedSamples = "samples of batches"
          case batchedCalls = "calls of batches"
          case batchedNanoseconds = "nanoseconds of batches"
        }
      }
      let answer = try await clients.play(
        "concurrent", options: ["--stubs", try await ForeignAgent.stubs.value], answer: Answer.self)
      #expect(answer.same)
      #expect(answer.inferences == 2 * 240 && answer.executions == 240)
      #expect(answer.batchedSamples == answer.samples && answer.batchedCalls == answer.calls)
      #expect(answer.batchedNanoseconds == answer.nanoseconds && answer.parts <= answer.whole)
    }

    private struct TritonAnswer: Decodable {
      var live, ready, isModelReady, isOtherReady, isSameByH: Bool
      var shapes: [String: [Int]]
      var types: [String: String]
      var labels: [Int]
      var probabilities, residuals: [Double?]
      var refused: String
      var index, inferences: Int
      var jsonProbabilities: [Double?]?
      var jsonOutputs: [String]?
      var inputs: [String: [Int]]
      var configuredOutputs: [String: String]
      var batch: Int
      var classes, expectedClasses: [[Int]]
      var sequence: String
      enum CodingKeys: String, CodingKey {
        case live, ready, shapes, types, labels, probabilities, residuals, refused, index, inferences
        case inputs, batch, classes, sequence
        case configuredOutputs = "configured outputs"
        case expectedClasses = "expected classes"
        case isModelReady = "model ready"
        case isOtherReady = "other ready"
        case isSameByH = "same by h"
        case jsonProbabilities = "json probabilities"
        case jsonOutputs = "json outputs"
      }
    }

    private func triton(_ clients: InferenceClients) async throws {
      let http = try await clients.play("triton-http", answer: TritonAnswer.self)
      let grpc = try await clients.play("triton-grpc", answer: TritonAnswer.self)
      for answer in [http, grpc] {
        #expect(answer.live && answer.ready && answer.isModelReady && !answer.isOtherReady && answer.isSameByH)
        #expect(
          answer.shapes == [
            "label": [2], "probabilities": [2, 10], "purified": [2, 32], "block_residual": [2, 4], "suspect": [2, 4],
            "converged": [2], "objective": [2],
          ])
        #expect(answer.types["label"] == "int64" && answer.types["suspect"] == "bool")
        #expect(answer.types["purified"] == "float32")
        // The last agent was left out, of both samples.
        #expect(answer.residuals.map { $0 == nil } == [false, false, false, true, false, false, false, true])
        #expect(answer.refused.contains("quorum: a sample has at least 2 agents' blocks"), "\(answer.refused)")
        #expect(answer.index == 1 && answer.inferences >= 4)
        #expect(answer.inputs == Dictionary(uniqueKeysWithValues: SmallScenario.agents.map { ($0, [8]) }))
        #expect(answer.configuredOutputs.keys.sorted() == answer.shapes.keys.sorted() && answer.batch == 4096)
        #expect(answer.configuredOutputs["label"] == "TYPE_INT64" && answer.configuredOutputs["suspect"] == "TYPE_BOOL")
        #expect(answer.classes == answer.expectedClasses && answer.classes.allSatisfy { $0.count == 3 })
        #expect(answer.sequence.contains(#"(actual: "sequence_"#), "\(answer.sequence)")
      }
      #expect(http.labels == grpc.labels && http.probabilities == grpc.probabilities)
      #expect(http.jsonOutputs == ["probabilities", "block_residual"])
      let json = try #require(http.jsonProbabilities)
      #expect(zip(json, http.probabilities).allSatisfy { abs(($0 ?? 0) - ($1 ?? 1)) < 1e-6 })
    }

    private func openAPI(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        var code: Int
        var output: String
      }
      let answer = try await clients.play("openapi", answer: Answer.self)
      #expect(answer.code == 0, "\(answer.output)")
    }

    private func metrics(_ clients: InferenceClients) async throws {
      struct Answer: Decodable {
        var contentType: String
        var types: [String: String]
        var twice: Int
        var undocumented, broken: [String]
        var values: [String: Double]
        enum CodingKeys: String, CodingKey {
          case types, twice, undocumented, broken, values
          case contentType = "content type"
        }
      }
      let answer = try await clients.play("metrics", answer: Answer.self)
      #expect(answer.contentType.hasPrefix("text/plain; version=0.0.4"))
      #expect(answer.twice == 0 && answer.undocumented == [] && answer.broken == [])
      #expect(answer.types["copur_purification_iterations"] == "histogram")
      #expect(answer.types["copur_agent_residual"] == "histogram" && answer.types["copur_rounds"] == "counter")
      #expect(answer.values["copur_ready"] == 1 && answer.values["copur_agents"] == 4)
      #expect(answer.values["copur_agents_up"] == 0)
      let version = try await Workshop.shared.value.modelVersion
      for outcome in ["success", "failure"] {
        let count = try #require(answer.values["nv_inference_request_\(outcome)_total|fusion|\(version)"])
        #expect(count >= 8, "\(outcome)")
      }
    }

    @Test("curl over TLS: a certificate or a token of the right role, and what is refused", .timeLimit(.minutes(1)))
    func roles() async throws {
      let tool = try Programs.system("curl")
      let workshop = try await Workshop.shared.value
      let folder = try TestFolder()
      let tokens = try folder.write("# monitoring\nviewer prometheus 0123456789abcdef\n", to: "tokens")
      let options = ["--http", "127.0.0.1:0", "--http-token-file", tokens]
      try await withProgram(Programs.copur(), workshop.serve(options)) { center in
        let url = "https://localhost:\(try await center.servingPort())"
        func status(_ path: String, _ arguments: [String]) async throws -> String {
          try await run(
            tool,
            ["-s", "-o", folder.path("answer"), "-w", "%{http_code}", "--cacert", workshop.certificates.ca, url + path]
              + arguments
          ).output
        }
        func certificate(_ pair: DevelopmentCertificates.Pair) -> [String] {
          ["--cert", pair.chain, "--key", pair.key]
        }
        let client = certificate(workshop.certificates.client("client"))
        let viewer = ["-H", "Authorization: Bearer 0123456789abcdef"]
        let agent = certificate(workshop.certificates.agent("top-left"))
        let body = ["-d", #"{"inputs":[]}"#]
        let infer = "/v2/models/fusion/infer"

        #expect(try await status("/v2/health/ready", []) == "200", "health is for everybody")
        #expect(try await status("/v2", []) == "401")
        let problem = folder.lines(of: "answer").joined()
        #expect(problem.contains(#""error":"a client shows a certificate, or a token in Authorization""#), "\(problem)")
        #expect(try await status("/v2", client) == "200")
        #expect(try await status("/v2", viewer) == "200")
        #expect(try await status("/metrics", viewer) == "200")
        #expect(try await status("/metrics", ["-u", "me:0123456789abcdef"]) == "200", "as a browser does")
        #expect(try await status("/metrics", ["-u", "me:0123456789abcdee"]) == "401")
        #expect(try await status(infer, viewer + body) == "403", "a viewer looks on")
        #expect(try await status(infer, agent + body) == "403", "an agent speaks for itself only")
        #expect(try await status(infer, client + body) == "400", "let in, and wrong")
        #expect(try await status(infer, client + body + ["-H", "Content-Encoding: gzip"]) == "415")
        #expect(try await status("/v2/health/ready", ["--tls-max", "1.2"]) == "000", "TLS 1.3 only")
        #expect(center.entry.isAlive)
      }
    }
  }
}
