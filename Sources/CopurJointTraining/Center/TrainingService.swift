internal import CopurCore
public import CopurFusionCenter
internal import CopurGRPC
public import CopurTraining
public import CopurWire
internal import Foundation
public import GRPCCore

/// The gRPC service `copur.v1.Training`: lets agents in, and hands what they say to ``TrainingCenter``.
public struct TrainingService: Copur_V1_Training.SimpleServiceProtocol {
  let center: TrainingCenter
  let access: AccessControl
  private let traffic: @Sendable (ServerContext) -> (@Sendable () -> TrainingProgress.Traffic)?

  /// - Parameters:
  ///   - access: Tells whether a call's peer is the agent that it says it is; it also has to intercept the calls.
  ///   - traffic: The counter of the bytes of a call's connection; nil where nobody counts.
  public init(
    _ center: TrainingCenter, access: AccessControl,
    traffic: @escaping @Sendable (ServerContext) -> (@Sendable () -> TrainingProgress.Traffic)? = { _ in nil }
  ) {
    self.center = center
    self.access = access
    self.traffic = traffic
  }

  /// Who may call: agents the training, those who watch it its page and its metrics.
  public static let accessTable: AccessTable = {
    var table = AccessTable()
    table.allow([.agent], [.grpc("copur.v1.Training/Train")])
    table.allow(
      [.client, .viewer, .admin],
      ["/", "/page.js", "/training.js", "/dashboard.css", "/dashboard.svg", "/events", "/metrics"].map {
        .http("GET \($0)")
      })
    return table
  }()

  /// The most rows whose keys, numbers or bits go into one message.
  private static let rowsPerMessage = 1 << 16

  public func train(
    request: RPCAsyncSequence<Copur_V1_TrainRequest, any Error>, response: RPCWriter<Copur_V1_TrainResponse>,
    context: ServerContext
  ) async throws {
    let end = LinkEnd()
    try await withRPCCancellationHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await converse(request, response, context, end) }
        // The stream may end from this side while the other one waits for an answer.
        group.addTask { try await end.wait() }
        defer { group.cancelAll() }
        try await group.next()
      }
    } onCancelRPC: {
      end.raise(RPCError(code: .cancelled, message: "the call was cancelled"))
    }
  }

  /// Lets an agent in, and reads its answers until it ends the stream or breaks a rule.
  private func converse(
    _ request: RPCAsyncSequence<Copur_V1_TrainRequest, any Error>, _ response: RPCWriter<Copur_V1_TrainResponse>,
    _ context: ServerContext, _ end: LinkEnd
  ) async throws {
    var messages = request.makeAsyncIterator()
    guard case .introduction(let introduction)? = try await messages.next()?.content else {
      throw WireError(field: "TrainRequest.content", rule: "a stream begins with Introduction")
    }
    try access.check(agent: introduction.agent, in: context)
    let (agents, configuration) = (center.configuration.agents, center.configuration)
    guard let agent = agents.firstIndex(where: { $0.name == introduction.agent }) else {
      throw RPCError(
        code: .notFound,
        message: "an agent is one of \(agents.map(\.name).joined(separator: ", ")) (actual: "
          + "\(String(introduction.agent.prefix(64)).debugDescription))")
    }
    guard (1...1 << 20).contains(introduction.features) else {
      throw WireError(
        field: "Introduction.features", rule: "an agent has 1 to \(1 << 20) features (actual: \(introduction.features))"
      )
    }
    guard let direct = DirectMessages.current else {
      throw RPCError(code: .internalError, message: "a training is served over HTTP2ServerTransport")
    }
    let link = AgentLink(
      agent: agents[agent], writer: response, messages: direct, end: end, traffic: traffic(context))
    var welcome = Copur_V1_TrainResponse.Welcome()
    welcome.training = center.training
    welcome.silent = configuration.silence.share ?? 0
    welcome.index = UInt32(agent)
    welcome.maxRows = UInt64(configuration.maximumRows)
    try await link.send(.welcome(welcome))
    let (digests, digest) = try await keys(of: introduction.agent, from: &messages)
    let own = try numbered(digests, of: introduction.agent)
    for start in stride(from: 0, to: own.count, by: Self.rowsPerMessage) {
      var rows = Copur_V1_TrainResponse.Rows()
      rows.own = Array(own[start..<min(start + Self.rowsPerMessage, own.count)])
      rows.last = start + Self.rowsPerMessage >= own.count
      try await link.send(.rows(rows))
    }
    guard case .presence(let presence)? = try await messages.next()?.content else {
      throw WireError(field: "TrainRequest.content", rule: "Presence follows Rows")
    }
    var present = try PackedBits.bits(presence.present, count: own.count, field: "Presence.present")
    // Of a row that it does not have, an agent says nothing.
    for row in present.indices where own[row] == 0 { present[row] = false }
    try center.joined(link, agent: agent, features: Int(introduction.features), rows: digest, presence: present)
    defer { center.left(link, agent: agent) }
    link.takeSteps()
    do {
      while let message = try await messages.next() {
        guard let content = message.content else {
          throw WireError(field: "TrainRequest.content", rule: "a message has a content")
        }
        try link.received(.message(content))
      }
      link.end(RPCError(code: .unavailable, message: "the stream has ended"))
    } catch {
      link.end(error)
      throw error
    }
  }

  /// An agent's keys, and the digest of all of them.
  private func keys(
    of agent: String, from messages: inout RPCAsyncSequence<Copur_V1_TrainRequest, any Error>.AsyncIterator
  ) async throws -> (digests: Data, digest: String) {
    var digests = Data()
    while true {
      guard case .keys(let keys)? = try await messages.next()?.content else {
        throw WireError(field: "TrainRequest.content", rule: "Keys follow Welcome")
      }
      digests.append(keys.digests)
      guard digests.count <= center.configuration.maximumRows * KeyedDigest.count else {
        throw RPCError(
          code: .resourceExhausted, message: "an agent has at most \(center.configuration.maximumRows) rows")
      }
      if keys.last { break }
    }
    guard digests.count.isMultiple(of: KeyedDigest.count) else {
      throw WireError(
        field: "Keys.digests", rule: "a digest has \(KeyedDigest.count) bytes (actual: \(digests.count) in all)")
    }
    return (digests, SHA256Digest.hexadecimal(of: digests))
  }

  /// For each row of the center's the agent's own, counted from 1; 0 for none.
  private func numbered(_ digests: Data, of agent: String) throws -> [UInt64] {
    var own = [UInt64](repeating: 0, count: center.keys.labels.count)
    for row in 0..<digests.count / KeyedDigest.count {
      let start = digests.startIndex + row * KeyedDigest.count
      guard let number = center.keys.numbers[Data(digests[start..<start + KeyedDigest.count])] else { continue }
      guard own[number] == 0 else {
        throw WireError(
          field: "Keys.digests", rule: "no two rows have one key (agent \(agent): rows \(own[number]) and \(row + 1))")
      }
      own[number] = UInt64(row + 1)
    }
    guard own.contains(where: { $0 > 0 }) else {
      throw RPCError(
        code: .failedPrecondition,
        message:
          "agent \(agent) has rows that the fusion center has labels of (none of its \(digests.count / 32) keys is "
          + "among \(own.count)): do all parties share one secret and write keys alike?")
    }
    return own
  }
}
