import CopurTLS
import Foundation
import Subprocess

/// `Clients/foreign_agent.py`: a client in another language, with a gRPC implementation that is not ours.
struct ForeignAgent: Sendable {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Clients/foreign_agent.py").path

  /// Stubs, generated once from `Protocols`.
  static let stubs = Task {
    let out = try await Workshop.shared.value.folder.appending(path: "stubs").path
    let protocols = Programs.package.appending(path: "Protocols").path
    let finished = try await run(Programs.python(), [script, "stubs", protocols, out])
    guard finished.code == 0 else { throw MissingProgram("no stubs from \(protocols): \(finished.errors)") }
    return out
  }

  /// The facts about a fusion center.
  struct Target: Sendable {
    var port: Int
    var certificates: DevelopmentCertificates
    var agents: [String]
    var modelVersion: String
    var width: Int
  }

  /// Plays steps of the script, which prints one JSON object.
  ///
  /// - Parameter meanwhile: Runs as soon as the script prints "watching", if it does.
  static func play<Answer: Decodable>(
    _ steps: String, against target: Target, options: [String] = [], answer: Answer.Type,
    meanwhile: (@Sendable () async throws -> Void)? = nil
  ) async throws -> Answer {
    let arguments = [
      script, steps, "--stubs", try await stubs.value, "--address", "localhost:\(target.port)",
      "--certificates", target.certificates.directory, "--agents", target.agents.joined(separator: ","),
      "--model", target.modelVersion, "--width", "\(target.width)",
    ]
    return try await withProgram(Programs.python(), arguments + options) { program in
      if let meanwhile {
        try await program.output.line(containing: "watching")
        try await meanwhile()
      }
      let status = try await program.ending()
      guard status == .exited(0), let line = program.output.lines.last else {
        throw MissingProgram("the foreign agent ended with \(status):\n\(program.errors.text)")
      }
      return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
    }
  }

  struct Receipt: Decodable {
    var session, status, reason: String
    var samples: [UInt64]
  }

  struct Verdict: Decodable {
    var session, model, defense: String
    var sample: UInt64
    var agents, contributed, missing: [String]
    var residuals: [String: Double]
    var label: Int?
    var probabilities: [Double]
    var converged: Bool?
    var objective: Double?
    var traceparent: String?
  }
}
