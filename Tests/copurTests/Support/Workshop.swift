import CopurTLS
import Foundation
import Synchronization

/// Things that many tests need and one of them makes: models, certificates, and the cache of models.
struct Workshop: Sendable {
  let folder: URL
  /// A model of ``SmallScenario``.
  let bundle: String
  /// The same, trained from another seed.
  let otherBundle: String
  let modelVersion: String
  let certificates: DevelopmentCertificates
  /// For `copur run --cache`.
  var cache: String { folder.appending(path: "cache").path }

  /// Made by the first test that asks, removed when the tests' process exits.
  static let shared = Task { try await make() }

  private static func make() async throws -> Workshop {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    made.withLock { $0 = folder }
    atexit { if let folder = made.withLock({ $0 }) { try? FileManager.default.removeItem(at: folder) } }
    let scenario = folder.appending(path: "small.yaml").path
    try Data(SmallScenario().text.utf8).write(to: URL(filePath: scenario))
    let (bundle, other) = (folder.appending(path: "bundle").path, folder.appending(path: "other").path)
    for (path, seed) in [(bundle, "0"), (other, "1")] {
      let trained = try await run(Programs.copur(), ["train", scenario, "--out", path, "--seed", seed])
      guard trained.code == 0 else { throw MissingProgram("no model for the tests: \(trained.errors)") }
    }
    struct Manifest: Decodable { var modelVersion: String }
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(filePath: bundle).appending(path: "bundle.json")))
    return Workshop(
      folder: folder, bundle: bundle, otherBundle: other, modelVersion: manifest.modelVersion,
      certificates: try DevelopmentCertificates.make(
        in: folder.appending(path: "certificates").path, agents: SmallScenario.agents))
  }

  /// The options of `copur serve` or `copur agent` for a certificate.
  ///
  /// - Parameter ca: Whom to trust; the workshop's own authority if it is left out.
  func tls(_ pair: DevelopmentCertificates.Pair, _ ca: String? = nil) -> [String] {
    ["--tls-certificate", pair.chain, "--tls-key", pair.key, "--tls-ca", ca ?? certificates.ca]
  }

  /// `copur serve` with mutual TLS on a port that is free.
  ///
  /// - Parameter waits: Whether sessions wait for their agents, and rounds for a quorum, as they do unless they are told
  ///   otherwise; a test with an agent or two tells them.
  func serve(_ options: [String] = [], waits: Bool = false) -> [String] {
    ["serve", bundle, "--grpc", "127.0.0.1:0"] + (waits ? [] : Self.alone) + options + tls(certificates.server)
  }

  /// Options of `copur serve` by which one agent opens a session and decides, and rounds wait for all others.
  static let alone = ["--quorum", "1", "--session-wait", "0s", "--reconnect-grace", "1440m", "--catch-up", "0s"]

  /// `copur agent`, with the agent's own certificate.
  func agent(_ name: String, of bundle: String? = nil, to port: Int, _ options: [String] = []) -> [String] {
    ["agent", bundle ?? self.bundle, "--agent", name, "--connect", "https://127.0.0.1:\(port)"] + options
      + tls(certificates.agent(name))
  }
}

private let made = Mutex<URL?>(nil)
