internal import CopurCore
public import CopurNumerics
internal import CopurWire
internal import GRPCCore
internal import Synchronization

/// An agent of a simulation: its embeddings, and what it was told to make of them in each session.
public final class SimulatedAgent: Sendable {
  /// The most sessions with a behaviour of their own that are kept.
  public static let maximumSessions = 4096

  let sender: any BlockSender
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

  /// Takes a behaviour for a session.
  func compromise(_ request: Copur_V1_CompromiseRequest) throws {
    try behaviours.withLock { behaviours in
      let behaviour = try AgentBehaviour(request, before: behaviours[request.session], width: sender.width)
      guard behaviours[request.session] != nil || behaviours.count < Self.maximumSessions else {
        throw WireError(
          field: "CompromiseRequest.session",
          rule: "too many sessions with a behaviour of their own (max: \(Self.maximumSessions))", isLimit: true)
      }
      behaviours[request.session] = behaviour
    }
  }

  /// Sends samples, and waits for their receipts.
  ///
  /// - Returns: The outcomes, and how many samples were not sent.
  func play(
    _ samples: [UInt64], session: String, samplesPerMessage: Int
  ) async throws -> (tally: ReceiptTally, withheld: Int) {
    let behaviour = behaviours.withLock { $0[session] ?? .honest }
    let blocks = try samples.compactMap { try block(of: $0, behaviour) }
    do {
      let tally = try await sender.send(blocks, session: session, samplesPerMessage: samplesPerMessage)
      return (tally, samples.count - blocks.count)
    } catch let error as CopurError {
      throw RPCError(code: .unavailable, message: "\(error)")
    }
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
