import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import Logging
import Synchronization
import Testing

/// Lets one call through the interceptor: what it is refused with, nil if it is let through.
private func refusal(_ access: AccessControl, _ method: MethodDescriptor) async throws -> AccessRefusal? {
  try await withServerContextRPCCancellationHandle { handle in
    let context = ServerContext(
      descriptor: method, remotePeer: "ipv4:192.0.2.1:9", localPeer: "in-process:1", cancellation: handle)
    let request = StreamingServerRequest<Int>(metadata: [:], messages: RPCAsyncSequence(wrapping: NoMessages()))
    let passed = Mutex(false)
    do {
      _ = try await access.intercept(request: request, context: context) { _, _ in
        passed.withLock { $0 = true }
        return StreamingServerResponse<Int>(error: RPCError(code: .cancelled, message: ""))
      }
      #expect(passed.withLock { $0 })
      return nil
    } catch let refusal as AccessRefusal {
      #expect(!passed.withLock { $0 }, "refused, and yet handled")
      return refusal
    }
  }
}

private struct NoMessages: AsyncSequence, Sendable {
  struct AsyncIterator: AsyncIteratorProtocol {
    mutating func next() async throws -> Int? { nil }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

private func access(
  as uris: [String]?, table: AccessTable = .standard, logger: Logger = quietLogger
) -> AccessControl {
  AccessControl(
    table: table, identification: .certificates { _ in uris.map { PeerCredentials(uris: $0) } }, logger: logger)
}

/// The methods of the services that a fusion center registers.
private func methods() async throws -> [MethodDescriptor] {
  let center = try await FusionCenter(configuration: configuration(), journal: MemoryJournal(), logger: quietLogger)
  let trusting = AccessControl(identification: .none, logger: quietLogger)
  let router = try trusting.router(
    of: [FusionCenterService(center, access: trusting)], for: InProcessTransport.Server.self)
  return router.methods
}

@Suite struct AccessControlTests {
  /// Who may call what, written out a second time: a method that is not here fails the test, too.
  private static let expected: [String: Set<Role>] = [
    "copur.v1.FusionCenter/Join": [.agent],
    "copur.v1.FusionCenter/Contribute": [.agent],
    "copur.v1.FusionCenter/Predict": [.client, .driver, .admin],
    "copur.v1.FusionCenter/Watch": [.client, .viewer, .admin],
  ]

  @Test func everyMethodIsForItsRolesAlone() async throws {
    let methods = try await methods()
    #expect(Set(methods.map(\.fullyQualifiedMethod)) == Set(Self.expected.keys))
    for method in methods {
      for role in Role.allCases {
        let refused = try await refusal(access(as: [Principal(role: role, name: "x").uri]), method)
        let allowed = Self.expected[method.fullyQualifiedMethod]?.contains(role) == true
        #expect((refused == nil) == allowed, "\(role) calls \(method)")
        if let refused {
          #expect(refused.reason == "role" && refused.rpcErrorCode == .permissionDenied)
          #expect(refused.description.contains("(certificate: spiffe://copur/\(role.rawValue)/x)"))
        }
      }
    }
  }

  @Test func aMethodWithoutARowIsCalledByNobodyAndNotServed() async throws {
    let methods = try await methods()
    for role in Role.allCases {
      let access = access(as: [Principal(role: role, name: "x").uri], table: AccessTable())
      let refused = try await refusal(access, methods[0])
      #expect(refused?.reason == "unknown-endpoint" && refused?.rpcErrorCode == .permissionDenied)
    }
    let center = try await FusionCenter(configuration: configuration(), journal: MemoryJournal(), logger: quietLogger)
    var table = AccessTable()
    table.allow([.agent], [.grpc("copur.v1.FusionCenter/Join"), .grpc("copur.v1.FusionCenter/Contribute")])
    let partial = AccessControl(table: table, identification: .none, logger: quietLogger)
    let error = #expect(throws: CopurError.self) {
      try partial.router(of: [FusionCenterService(center, access: partial)], for: InProcessTransport.Server.self)
    }
    #expect(error?.message.contains("[\"copur.v1.FusionCenter/Predict\", \"copur.v1.FusionCenter/Watch\"]") == true)
  }

  @Test(
    arguments: [
      (nil, "no-certificate", RPCError.Code.unauthenticated),
      ([], "no-principal", .permissionDenied),
      (["spiffe://copur/server", "https://example.org"], "no-principal", .permissionDenied),
      (["spiffe://copur/client/a", "spiffe://copur/admin/a"], "several-principals", .permissionDenied),
    ] as [([String]?, String, RPCError.Code)])
  func whoNamesNobodyIsRefusedEverywhere(uris: [String]?, reason: String, code: RPCError.Code) async throws {
    let access = access(as: uris)
    for method in try await methods() {
      let refused = try await refusal(access, method)
      #expect(refused?.reason == reason && refused?.rpcErrorCode == code)
    }
    #expect(access.refusals.map(\.reason) == [reason] && access.refusals[0].count == Self.expected.count)
  }

  @Test func withoutCertificatesPeersAreBelieved() async throws {
    let access = AccessControl(identification: .none, logger: quietLogger)
    for method in try await methods() { #expect(try await refusal(access, method) == nil) }
    #expect(try access.check(.http("GET /anything"), credentials: nil, peer: "") == nil)
    #expect(access.refusals.isEmpty)
  }

  @Test func theHTTPPlaneHasTheSameTable() throws {
    var table = AccessTable.standard
    table.allow([.viewer, .admin], [.http("GET /metrics")])
    let access = access(as: nil, table: table)
    let viewer = Principal(role: .viewer, name: "wall")
    #expect(
      try access.check(.http("GET /metrics"), credentials: PeerCredentials(uris: [viewer.uri]), peer: "") == viewer)
    let agent = Principal(role: .agent, name: "a")
    #expect(throws: AccessRefusal.role(agent, .http("GET /metrics"), allowed: [.viewer, .admin])) {
      try access.check(.http("GET /metrics"), credentials: PeerCredentials(uris: ["spiffe://copur/agent/a"]), peer: "")
    }
    #expect(throws: AccessRefusal.noCertificate) { try access.check(.http("GET /metrics"), credentials: nil, peer: "") }
    #expect(throws: AccessRefusal.unknownEndpoint(.http("POST /metrics"))) {
      try access.check(.http("POST /metrics"), credentials: PeerCredentials(uris: [viewer.uri]), peer: "")
    }
  }

  @Test func everyRefusalHasALine() async throws {
    let lines = LogLines()
    let logger = Logger(label: "test") { _ in lines }
    let join = try #require(try await methods().first { $0.method == "Join" })
    #expect(try await refusal(access(as: ["spiffe://copur/viewer/wall"], logger: logger), join) != nil)
    let line = try #require(lines.lines.first)
    #expect(lines.lines.count == 1)
    for part in ["access refused", "role", "copur.v1.FusionCenter/Join", "192.0.2.1", "spiffe://copur/viewer/wall"] {
      #expect(line.contains(part), "\(line)")
    }
    #expect(try await refusal(access(as: ["spiffe://copur/agent/a"], logger: logger), join) == nil)
    #expect(lines.lines.count == 1)
  }

  /// A name in a message is only compared with the certificate.
  @Test func anotherAgentsNameIsCountedAsOne() async throws {
    try await withFusionCenter(
      configuration(), identification: .certificates { _ in PeerCredentials(uris: ["spiffe://copur/agent/b"]) }
    ) { stub, _ in
      let joining = await failure { _ = try await stub.join(join("a")) }
      #expect(joining?.code == .permissionDenied)
      #expect(joining?.message.contains("(named: \"a\", certificate: spiffe://copur/agent/b)") == true)
      let own = await failure { _ = try await stub.join(join("b", width: 1)) }
      #expect(own == nil)
    }
  }
}

/// A log handler that keeps what it is given.
private struct LogLines: LogHandler {
  private final class Storage: Sendable { let lines = Mutex<[String]>([]) }

  private let storage = Storage()
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  var lines: [String] { storage.lines.withLock { $0 } }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    storage.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
  }
}
