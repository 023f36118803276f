import Foundation

/// `Clients/kubernetes_manifests.py`: what Kubernetes' schemas say of manifests, and their containers' commands played
/// without a cluster.
enum KubernetesManifests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Clients/kubernetes_manifests.py").path

  struct Validation: Decodable {
    var kinds: [String: Int]
    var faults: [String]
  }

  /// The fates of the processes.
  struct Play: Decodable {
    var started, live, ready, startedAgain, readyAgain: Bool
    /// Exit codes.
    var center, centerAgain: Int
    /// The exit code of a Job's process; that of a Deployment's after it was told to stop.
    var agents: [String: Int]
    /// Deployments that were still running when they were told to stop.
    var lasting: [String]
    var logs: [String: String]
    /// The user of the journal's file.
    var owner: Int
  }

  static func validate(_ folder: String) async throws -> Validation {
    try await answer(["validate", folder])
  }

  /// - Parameters:
  ///   - claims: Folders in place of volumes, by their claims' names.
  ///   - journal: The folder that gets the journal.
  static func play(_ folder: String, claims: [String: String], journal: String) async throws -> Play {
    let claims = claims.flatMap { ["--claim", "\($0)=\($1)"] }
    return try await answer(
      ["play", folder, "--copur", try Programs.copur(), "--journal", journal] + claims)
  }

  private static func answer<Answer: Decodable>(_ arguments: [String]) async throws -> Answer {
    let finished = try await run(Programs.python(), [script] + arguments)
    guard finished.code == 0, let line = finished.output.split(separator: "\n").last else {
      throw MissingProgram("\(arguments[0]) ended with \(finished.status):\n\(finished.errors)")
    }
    return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
  }
}
