internal import CopurCore
public import CopurNumerics
public import CopurWire
public import GRPCCore

/// The gRPC service `copur.v1.Simulation`: lets a scenario driver play agents of this process.
///
/// A process serves it only where it was started for a simulation.
public final class SimulationService: Copur_V1_Simulation.SimpleServiceProtocol {
  /// The most samples of a Play.
  public static let maximumSamples = 1 << 20

  private let agents: [SimulatedAgent]
  private let byName: [String: SimulatedAgent]

  /// - Parameter agents: The agents of this process, at least one, with different names.
  public init(agents: [SimulatedAgent]) {
    precondition(!agents.isEmpty)
    self.agents = agents
    byName = Dictionary(uniqueKeysWithValues: agents.map { ($0.sender.id.name, $0) })
  }

  /// The service of one agent.
  public convenience init(sender: any BlockSender, embeddings: Matrix, present: [Bool]? = nil) {
    self.init(agents: [SimulatedAgent(sender: sender, embeddings: embeddings, present: present)])
  }

  public func compromise(
    request: Copur_V1_CompromiseRequest, context: ServerContext
  ) async throws -> Copur_V1_CompromiseResponse {
    try SessionName.check(request.session, field: "CompromiseRequest.session")
    let names = request.agent.isEmpty ? [] : [request.agent]
    for agent in try named(names, field: "CompromiseRequest.agent") { try agent.compromise(request) }
    return Copur_V1_CompromiseResponse()
  }

  public func play(request: Copur_V1_PlayRequest, context: ServerContext) async throws -> Copur_V1_PlayResponse {
    try SessionName.check(request.session, field: "PlayRequest.session")
    let samples = try request.samples.numbers(limit: Self.maximumSamples, field: "PlayRequest.samples")
    let players = try named(request.agents, field: "PlayRequest.agents")
    let perMessage = max(1, Int(request.samplesPerMessage))
    return try await withThrowingTaskGroup(of: (ReceiptTally, Int).self) { group in
      for agent in players {
        group.addTask { try await agent.play(samples, session: request.session, samplesPerMessage: perMessage) }
      }
      var (tally, withheld) = (ReceiptTally(), 0)
      for try await (own, kept) in group {
        tally.add(own)
        withheld += kept
      }
      return Copur_V1_PlayResponse(tally, withheld: withheld)
    }
  }

  /// The agents that a request names; the only one of the process if it names none.
  private func named(_ names: [String], field: String) throws -> [SimulatedAgent] {
    guard !names.isEmpty else {
      guard agents.count == 1 else {
        throw RPCError(
          code: .notFound, message: "\(field): which of the \(agents.count) agents of this process (actual: none)")
      }
      return agents
    }
    guard Set(names).count == names.count else {
      throw RPCError(code: .invalidArgument, message: "\(field): an agent is named once")
    }
    return try names.map { name in
      guard let agent = byName[name] else {
        throw RPCError(
          code: .notFound,
          message: "\(field): an agent of this process (actual: \(String(name.prefix(64)).debugDescription))")
      }
      return agent
    }
  }
}

extension Copur_V1_PlayResponse {
  fileprivate init(_ tally: ReceiptTally, withheld: Int) {
    self.init()
    accepted = UInt64(tally[.accepted])
    duplicate = UInt64(tally[.duplicate])
    conflict = UInt64(tally[.conflict])
    late = UInt64(tally[.late])
    invalid = UInt64(tally[.invalid])
    self.withheld = UInt64(withheld)
    firstRefusal = tally.firstRefusal ?? ""
  }
}
