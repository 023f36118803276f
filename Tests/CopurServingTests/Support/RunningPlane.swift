import CopurCore
import CopurFusionCenter
import CopurJointTraining
import CopurServing
import Foundation
import FoundationNetworking
import Logging

/// Serves a small fusion center over HTTP while a test uses it.
func withPlane<Result: Sendable>(
  routes: [HTTPPlane.Routes] = [], tokens: BearerTokens? = nil, defense: any Defense = SumDefense(),
  configure: (inout HTTPPlaneConfiguration) -> Void = { _ in },
  _ body: @Sendable (URL, FusionCenter) async throws -> Result
) async throws -> Result {
  let (center, logger) = try await smallCenter(defense)
  var configuration = HTTPPlaneConfiguration(host: "127.0.0.1", port: 0, tokens: tokens, isOpen: tokens == nil)
  configure(&configuration)
  return try await serving { [configuration] listening in
    HTTPPlane(
      configuration, clients: ClientServices(center: center),
      access: AccessControl(identification: .none, logger: logger),
      routes: routes, listening: listening, logger: logger)
  } while: {
    try await body($0, center)
  }
}

/// Serves a training that waits for agents "one" and "two" over HTTP while a test uses it.
func withTrainingPlane<Result: Sendable>(
  tokens: BearerTokens? = nil, _ body: @Sendable (URL) async throws -> Result
) async throws -> Result {
  let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
  let center = try TrainingCenter(
    TrainingCenterConfiguration(
      agents: try ["one", "two"].map { try AgentID($0) }, classNames: ["no", "yes"], silence: .never, purpose: "test"),
    keys: try LabelledKeys(digests: [Data([1])], labels: [0]), logger: logger)
  let configuration = HTTPPlaneConfiguration(host: "127.0.0.1", port: 0, tokens: tokens, isOpen: tokens == nil)
  return try await serving { listening in
    HTTPPlane(
      configuration, training: TrainingServices(center: center),
      access: AccessControl(table: TrainingService.accessTable, identification: .none, logger: logger),
      listening: listening, logger: logger)
  } while: {
    try await body($0)
  }
}

private func serving<Result: Sendable>(
  _ plane: (@escaping @Sendable (String, Int) -> Void) -> HTTPPlane, while body: @Sendable (URL) async throws -> Result
) async throws -> Result {
  let (addresses, found) = AsyncStream.makeStream(of: URL.self)
  let plane = plane { host, port in found.yield(URL(string: "http://\(host):\(port)/")!) }
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await plane.run() }
    var iterator = addresses.makeAsyncIterator()
    guard let url = await iterator.next() else { throw CancellationError() }
    let result = try await body(url)
    group.cancelAll()
    return result
  }
}

/// A small fusion center that nobody serves, and a logger that keeps quiet.
func smallCenter(_ defense: any Defense = SumDefense()) async throws -> (FusionCenter, Logger) {
  let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
  let center = try await FusionCenter(
    configuration: FusionCenterConfiguration(
      roster: SumDefense.roster, modelVersion: "0123456789abcdef", defenses: [defense], quorum: 2),
    journal: MemoryJournal(), logger: logger)
  return (center, logger)
}

/// The answer of a server.
struct Answer: Equatable {
  var status: Int
  var type: String
  var body: String

  init(_ status: Int, _ type: String, _ body: String) {
    self.status = status
    self.type = type
    self.body = body
  }
}

func get(_ path: String, of url: URL, token: String? = nil) async throws -> Answer {
  try await answer(to: URLRequest(url: url.appending(path: path)), token: token)
}

func post(_ path: String, _ body: String, of url: URL, token: String? = nil) async throws -> Answer {
  var request = URLRequest(url: url.appending(path: path))
  request.httpMethod = "POST"
  request.httpBody = Data(body.utf8)
  request.setValue("application/json", forHTTPHeaderField: "Content-Type")
  return try await answer(to: request, token: token)
}

private func answer(to request: URLRequest, token: String?) async throws -> Answer {
  var request = request
  if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
  let (data, response) = try await URLSession.shared.data(for: request)
  guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
  return Answer(
    response.statusCode, response.value(forHTTPHeaderField: "Content-Type") ?? "", String(decoding: data, as: UTF8.self)
  )
}

/// The status of an answer to someone without credentials: at a 401 `URLSession` waits for some for ever.
func anonymousStatus(_ path: String, of url: URL) throws -> Int? {
  let curl = Process()
  curl.executableURL = URL(filePath: "/usr/bin/curl")
  curl.arguments = ["-s", "-o", "/dev/null", "-w", "%{http_code}", url.appending(path: path).absoluteString]
  let output = Pipe()
  curl.standardOutput = output
  try curl.run()
  curl.waitUntilExit()
  return Int(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self))
}
