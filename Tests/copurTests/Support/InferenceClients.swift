import CopurLaunch
import CopurScenarios
import Foundation

/// `Clients/inference_clients.py`: what existing clients of inference servers do, against a running `copur serve`.
struct InferenceClients: Sendable {
  let grpc: Int
  let http: Int

  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Clients/inference_clients.py").path

  /// Plays a step, which prints one JSON object.
  func play<Answer: Decodable>(_ step: String, options: [String] = [], answer: Answer.Type) async throws -> Answer {
    let finished = try await run(
      Programs.python(),
      [
        Self.script, step, "--http", "127.0.0.1:\(http)", "--grpc", "127.0.0.1:\(grpc)", "--agents",
        SmallScenario.agents.joined(separator: ","), "--width", "8",
      ] + options)
    guard finished.code == 0, let line = finished.output.split(separator: "\n").last else {
      throw MissingProgram("step \(step) ended with \(finished.status):\n\(finished.errors)")
    }
    return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
  }

  /// A fusion center without TLS while a test uses it.
  static func withFusionCenter<Result>(
    _ options: [String] = [], _ body: (InferenceClients) async throws -> Result
  ) async throws -> Result {
    let workshop = try await Workshop.shared.value
    let arguments = [
      "serve", workshop.bundle, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--quorum", "2", "--insecure",
    ]
    return try await withProgram(Programs.copur(), arguments + options) { center in
      try await body(InferenceClients(grpc: try await center.listening().port, http: try await center.servingPort()))
    }
  }
}

extension RunningProgram {
  /// Waits for the line that says where the HTTP plane is.
  func servingPort() async throws -> Int {
    let line = try await output.line(containing: "copur: serving http")
    guard let match = line.firstMatch(of: /:([0-9]+)\/$/), let port = Int(match.1) else {
      throw MissingProgram("no port in \(line)")
    }
    return port
  }
}
