internal import CopurCore
public import CopurNumerics
public import CopurWire
public import GRPCCore
internal import Synchronization

/// The gRPC service `copur.v1.Simulation`: lets a scenario driver play an agent.
///
/// An agent serves it only where it was started for a simulation.
public final class SimulationService: Copur_V1_Simulation.SimpleServiceProtocol {
  /// The most sessions with a behaviour of their own that are kept.
  public static let maximumSessions = 4096
  /// The most samples of a Play.
  public static let maximumSamples = 1 << 20

  private let sender: any BlockSender
  private let embeddings: Matrix
  private let present: [Bool]
  private let behaviours = Mutex<[String: AgentBehaviour]>([:])

  /// - Parameters:
  ///   - sender: The agent.
  ///   - embeddings: What the agent's extractor makes of all of its rows, [n, d_i]; a sample's number is its row.
  ///   - present: Of which rows it has a reading, n; nil for all. Of others it says that it has none, unless it is to be
  ///     silent.
  public init(sender: any BlockSender, embeddings: Matrix, present: [Bool]? = nil) {
    precondition(embeddings.columns == sender.width && present.map { $0.count == embeddings.rows } ?? true)
    self.present = present ?? [Bool](repeating: true, count: embeddings.rows)
    self.sender = sender
    self.embeddings = embeddings
  }

  public func compromise(
    request: Copur_V1_CompromiseRequest, context: ServerContext
  ) async throws -> Copur_V1_CompromiseResponse {
    try SessionName.check(request.session, field: "CompromiseRequest.session")
    try behaviours.withLock { behaviours in
      let behaviour = try AgentBehaviour(request, before: behaviours[request.session], width: sender.width)
      guard behaviours[request.session] != nil || behaviours.count < Self.maximumSessions else {
        throw WireError(
          field: "CompromiseRequest.session",
          rule: "too many sessions with a behaviour of their own (max: \(Self.maximumSessions))", isLimit: true)
      }
      behaviours[request.session] = behaviour
    }
    return Copur_V1_CompromiseResponse()
  }

  public func play(request: Copur_V1_PlayRequest, context: ServerContext) async throws -> Copur_V1_PlayResponse {
    try SessionName.check(request.session, field: "PlayRequest.session")
    let samples = try request.samples.numbers(limit: Self.maximumSamples, field: "PlayRequest.samples")
    let behaviour = behaviours.withLock { $0[request.session] ?? .honest }
    let blocks = try samples.compactMap { try block(of: $0, behaviour) }
    let tally: ReceiptTally
    do {
      tally = try await sender.send(
        blocks, session: request.session, samplesPerMessage: max(1, Int(request.samplesPerMessage)))
    } catch let error as CopurError {
      throw RPCError(code: .unavailable, message: "\(error)")
    }
    return Copur_V1_PlayResponse(tally, withheld: samples.count - blocks.count)
  }

  private func block(of sample: UInt64, _ behaviour: AgentBehaviour) throws -> OutgoingBlock? {
    guard sample < embeddings.rows else {
      throw RPCError(
        code: .outOfRange,
        message:
          "PlayRequest.samples: agent \(sender.id) has the samples 0 to \(embeddings.rows - 1) (actual: \(sample))"
      )
    }
    if !present[Int(sample)], behaviour != .silent { return .silence(of: sample) }
    do {
      return try behaviour.block(of: sample, embedding: embeddings[row: Int(sample)]).map {
        OutgoingBlock(sample: sample, values: $0)
      }
    } catch {
      throw RPCError(
        code: .failedPrecondition,
        message:
          "PlayRequest.samples: agent \(sender.id) is to send values, and was told none for sample \(error.sample)"
      )
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
