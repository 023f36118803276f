internal import CopurCore
internal import CopurWire
internal import GRPCCore
internal import SwiftProtobuf

/// The gRPC service `copur.v1.FusionCenter`: checks what comes in, and leaves the rest to ``FusionCenter``.
public struct FusionCenterService: Sendable {
  let center: FusionCenter
  let access: AccessControl

  /// - Parameter access: Tells whether a call's peer is the agent that it says it is; it also has to intercept the calls.
  public init(_ center: FusionCenter, access: AccessControl) {
    self.center = center
    self.access = access
  }

  func join(request: Copur_V1_JoinRequest, context: ServerContext) async throws -> Copur_V1_JoinResponse {
    try access.check(agent: request.agent, in: context)
    let configuration = center.configuration
    let index = try center.joined(
      agent: request.agent, width: Int(request.width), modelVersion: request.modelVersion)
    var response = Copur_V1_JoinResponse()
    response.takesSilence = true
    // Its own: after an exchange of the model, agents of the earlier versions are as welcome.
    response.modelVersion = request.modelVersion
    response.index = UInt32(index)
    response.agents = configuration.roster.agents.map(\.name)
    response.deadlineMs = configuration.deadline / .milliseconds(1)
    response.idleTimeoutMs = configuration.idleTimeout / .milliseconds(1)
    response.quorum = UInt32(configuration.quorum)
    response.defenses = configuration.defenses.map(\.name)
    response.maxMessageBytes = UInt32(configuration.maximumMessageBytes)
    response.maxSamplesPerMessage = UInt32(configuration.limits.samplesPerMessage)
    return response
  }

  func predict(request: Copur_V1_PredictRequest, response: RPCWriter<EncodedMessage>) async throws {
    try SessionName.check(request.session, field: "PredictRequest.session")
    let samples = try request.samples.numbers(
      limit: center.configuration.limits.requestedRounds, field: "PredictRequest.samples")
    let (defense, feed) = try await requested(request, samples: samples)
    defer { center.feedEnded(feed) }

    var opened = Copur_V1_PredictResponse()
    opened.opened.session = request.session
    opened.opened.defense = defense
    opened.opened.modelVersion = center.model.version
    opened.opened.samples = UInt64(samples.count)
    try await response.write(EncodedMessage(opened.serializedBytes()))
    try await forward(feed, to: response, field: 2)
  }

  /// Asks for samples, once the session is this center's.
  private func requested(
    _ request: Copur_V1_PredictRequest, samples: [UInt64]
  ) async throws -> (defense: String, feed: VerdictFeed) {
    while true {
      let answer = try center.requested(session: request.session, defense: request.defense, samples: samples)
      if let answer { return answer }
      try Task.checkCancellation()
      try await center.claim(request.session)
    }
  }

  func watch(request: Copur_V1_WatchRequest, response: RPCWriter<EncodedMessage>) async throws {
    if !request.session.isEmpty { try SessionName.check(request.session, field: "WatchRequest.session") }
    if !request.session.isEmpty { try await center.checkPlace(of: request.session) }
    let feed = try center.watched(session: request.session.isEmpty ? nil : request.session)
    defer { center.feedEnded(feed) }
    try await response.write(EncodedMessage(Copur_V1_WatchResponse().serializedBytes()))
    try await forward(feed, to: response, field: 1)
  }

  /// Writes a feed's verdicts until it ends or the call is cancelled.
  ///
  /// - Parameter field: The number of the response's field of verdicts.
  private func forward(_ feed: VerdictFeed, to response: RPCWriter<EncodedMessage>, field: UInt8) async throws {
    let encoder = VerdictEncoder(roster: center.configuration.roster, quorum: center.configuration.quorum)
    // A message stays far under the usual limit of 4 MiB, whatever the number of agents.
    let limit = max(1, 8192 / center.configuration.roster.count)
    try await withRPCCancellationHandler {
      while let verdicts = try await feed.next() {
        for message in encoder.messages(of: verdicts, field: field, atMost: limit) {
          try await response.write(EncodedMessage(message))
        }
      }
    } onCancelRPC: {
      feed.close(RPCError(code: .cancelled, message: "the call was cancelled"))
    }
  }
}
