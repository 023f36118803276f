public import CopurAgent
public import CopurCore
internal import CopurGRPC
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire
public import Foundation
public import GRPCCore
public import Logging
internal import Synchronization

/// An agent of a training over the network: it connects, embeds its own rows, and learns from ∂ℓ/∂h_i alone.
///
/// ```swift
/// let agent = TrainingAgent(id: id, rows: rows, logger: logger) { try makeTransport() }
/// let model = try await agent.run()
/// ```
public final class TrainingAgent<Transport: ClientTransport>: Sendable {
  private let id: AgentID
  private let rows: AgentRows
  private let seed: UInt64?
  private let folder: URL?
  private let backoff: Backoff.Settings
  private let patience: Duration
  private let answerDelay: Duration?
  private let playsAttacks: Bool
  private let logger: Logger
  private let keep: @Sendable (AgentModel) throws -> Void
  private let connect: @Sendable () async throws -> Transport
  /// The model that was kept: from then on nothing more can go wrong.
  private let kept = Mutex<AgentModel?>(nil)

  /// - Parameters:
  ///   - seed: What the first weights follow from; nil: a secret of the agent's own. A fusion center that knows it can tell
  ///     features from embeddings.
  ///   - folder: The folder with checkpoints, so that an agent that was killed goes on; nil: there are none.
  ///   - certificatePatience: How long one side may refuse the other's certificate until the agent ends.
  ///   - answerDelay: How long it waits before each answer, to play a slow agent.
  ///   - playsAttacks: Whether it lies where the settings of a training say so, as in a simulation.
  ///   - keep: Keeps the agent's model, before the fusion center is told that the agent has it.
  ///   - connect: Makes a transport to the fusion center; called for each attempt to connect.
  public init(
    id: AgentID, rows: AgentRows, seed: UInt64? = nil, folder: URL? = nil, backoff: Backoff.Settings = .init(),
    certificatePatience: Duration = .seconds(30), answerDelay: Duration? = nil, playsAttacks: Bool = false,
    logger: Logger,
    keep: @escaping @Sendable (AgentModel) throws -> Void = { _ in },
    connect: @escaping @Sendable () async throws -> Transport
  ) {
    self.id = id
    self.rows = rows
    self.seed = seed
    self.folder = folder
    self.backoff = backoff
    patience = certificatePatience
    self.answerDelay = answerDelay
    self.playsAttacks = playsAttacks
    self.logger = logger
    self.keep = keep
    self.connect = connect
  }

  /// Takes part until the training is over, across as many connections as that takes.
  ///
  /// - Returns: What the agent serves with afterwards.
  /// - Throws: ``CopurError`` if the fusion center refuses this agent for a reason that no waiting will change, or the
  ///   training has failed; `CancellationError`.
  public func run() async throws -> AgentModel {
    var waits = Backoff(backoff, seed: 0, name: id.name)
    var refusedSince: ContinuousClock.Instant?
    while true {
      try Task.checkCancellation()
      do {
        let model = try await withGRPCClient(transport: try await connect()) { client in
          try await self.train(client) { waits.succeeded() }
        }
        if let model { return model }
        if let model = kept.withLock({ $0 }) { return model }
        refusedSince = nil
        logger.info("the fusion center ended the stream")
      } catch  where kept.withLock({ $0 != nil }) {
        return kept.withLock { $0! }
      } catch let error as CopurError where error.code != .unavailable {
        throw error
      } catch let error as RPCError where Self.isFinal(error.code) {
        throw CopurError(
          error.code == .aborted ? .unavailable : error.code == .invalidArgument ? .invalidData : .configuration,
          "the fusion center refuses agent \(id): \(error.message)")
      } catch {
        try Task.checkCancellation()
        let isRefused = [.unauthenticated, .permissionDenied].contains((error as? RPCError)?.code)
        refusedSince = isRefused ? refusedSince ?? .now : nil
        if let refusedSince, .now - refusedSince >= patience {
          throw CopurError(
            .noPermission, "the certificates of agent \(id) and its fusion center do not fit each other", cause: error)
        }
        logger.info("no connection to the fusion center", metadata: ["error": "\(error)"])
      }
      try await Task.sleep(for: waits.failed())
    }
  }

  /// Whether a stream that ended so would end so again.
  private static func isFinal(_ code: RPCError.Code) -> Bool {
    [.invalidArgument, .failedPrecondition, .notFound, .unimplemented, .resourceExhausted, .aborted].contains(code)
  }

  /// One stream, from the introduction to its end.
  ///
  /// - Returns: The agent's model, if the training is over.
  private func train(_ client: GRPCClient<Transport>, _ welcomed: () -> Void) async throws -> AgentModel? {
    // Answers are written where questions are read: a queue between two tasks would cost a change of threads each.
    let writer = Mutex<RPCWriter<Copur_V1_TrainRequest>?>(nil)
    let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
    return try await Copur_V1_Training.Client(wrapping: client).train { stream in
      writer.withLock { $0 = stream }
      var introduction = Copur_V1_TrainRequest()
      introduction.introduction.agent = self.id.name
      introduction.introduction.features = UInt32(self.rows.columns.count)
      try await stream.write(introduction)
      for await _ in ended {}
    } onResponse: { response in
      defer { continuation.finish() }
      var conversation: AgentConversation?
      do {
        for try await message in response.messages {
          guard let stream = writer.withLock({ $0 }) else { continue }
          if case .welcome(let welcome)? = message.content {
            conversation = AgentConversation(
              try AgentPart(
                welcome, id: self.id, rows: self.rows, seed: self.seed, folder: self.folder,
                playsAttacks: self.playsAttacks, logger: self.logger))
            // One that plays a slow agent takes its time over each answer.
            if self.answerDelay == nil { conversation?.answerSteps(of: DirectMessages.current) }
            for keys in AgentPart.keys(of: self.rows) { try await stream.write(keys) }
            continue
          }
          guard let conversation else {
            throw CopurError(.protocolViolation, "a fusion center's first message is Welcome")
          }
          let answer = try conversation.part.withLock { try $0.answer(to: message) }
          let model = conversation.model
          if let model {
            try self.keep(model)
            self.kept.withLock { $0 = model }
          }
          if let answerDelay = self.answerDelay { try await Task.sleep(for: answerDelay) }
          if let answer { try await stream.write(answer) }
          // The last answer is to arrive: this side says no more, and the other one ends the stream.
          if model != nil { continuation.finish() }
        }
      } catch {
        throw conversation?.failure ?? error
      }
      let model = conversation?.model
      if model != nil { conversation?.part.withLock { $0.removeCheckpoints() } }
      return model
    }
  }
}
