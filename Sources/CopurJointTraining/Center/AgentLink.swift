internal import CopurCore
internal import CopurGRPC
internal import CopurTraining
internal import CopurWire
internal import GRPCCore
internal import Synchronization

/// One agent's stream, as long as it lasts: questions down, an answer to each up.
final class AgentLink: Sendable {
  private struct State {
    /// Who waits for an answer, by the question's job, in the order of the questions: a job that goes back asks again before
    /// the last answer has come.
    var pending: [UInt32: [Question]] = [:]
    var error: (any Error)?
    var answerTime: Duration?
  }

  private struct Question {
    let answers: Answers
    /// Where its answer goes.
    let place: Int
    let asked: ContinuousClock.Instant
  }

  /// The bytes of a connection until now.
  typealias Traffic = @Sendable () -> TrainingProgress.Traffic

  let agent: AgentID
  private let writer: RPCWriter<Copur_V1_TrainResponse>
  /// The way of steps.
  private let messages: DirectMessages
  private let state = Mutex(State())

  private let end: LinkEnd
  private let traffic: Traffic?
  /// What the connection had carried before this stream.
  private let earlier: TrainingProgress.Traffic
  /// How much an answer's time weighs against those before it.
  private static let newWeight = 0.1

  /// - Parameters:
  ///   - messages: The same stream's.
  ///   - traffic: The bytes of its connection; nil where nobody counts them.
  init(
    agent: AgentID, writer: RPCWriter<Copur_V1_TrainResponse>, messages: DirectMessages, end: LinkEnd, traffic: Traffic?
  ) {
    self.agent = agent
    self.writer = writer
    self.messages = messages
    self.end = end
    self.traffic = traffic
    earlier = traffic?() ?? .init()
  }

  /// The bytes of this stream until now.
  var transferred: TrainingProgress.Traffic {
    guard let now = traffic?() else { return .init() }
    return .init(received: now.received - earlier.received, sent: now.sent - earlier.sent)
  }

  /// From a question to its answer, and how long the oldest question without one has waited.
  var answerTimes: (mean: Duration?, waiting: Duration?) {
    state.withLock { state in
      let oldest = state.pending.values.compactMap(\.first?.asked).min()
      return (state.answerTime, oldest.map { .now - $0 })
    }
  }

  /// Sends a question whose answer goes to `answers`; if it cannot be sent, the error goes there.
  func ask(
    _ content: Copur_V1_TrainResponse.OneOf_Content, job: UInt32, answers: Answers, place: Int
  ) async {
    guard expect(job: job, answers: answers, place: place) else { return }
    var message = Copur_V1_TrainResponse()
    message.content = content
    do {
      try await writer.write(message)
    } catch {
      end(error)
    }
  }

  /// Sends a step, as bytes, whose answer goes to `answers`; if it cannot be sent, the error goes there.
  func ask(step message: [UInt8], job: UInt32, answers: Answers, place: Int) {
    guard expect(job: job, answers: answers, place: place) else { return }
    do { try messages.send(message) } catch { end(error) }
  }

  /// Notes a question before it is sent.
  ///
  /// - Returns: Whether it can be; if not, the error has gone to `answers`.
  private func expect(job: UInt32, answers: Answers, place: Int) -> Bool {
    let error: (any Error)? = state.withLock { state in
      if state.error == nil {
        state.pending[job, default: []].append(Question(answers: answers, place: place, asked: .now))
      }
      return state.error
    }
    guard let error else { return true }
    answers.failed(LinkLost(agent: agent, cause: error))
    return false
  }

  /// Has answers to steps taken where they arrive from now on.
  func takeSteps() {
    messages.handle { [self] message in
      guard let answer = StepAnswer(message) else { return false }
      do { try received(.step(answer)) } catch { end(error) }
      return true
    }
  }

  /// Sends what has no answer.
  func send(_ content: Copur_V1_TrainResponse.OneOf_Content) async throws {
    var message = Copur_V1_TrainResponse()
    message.content = content
    try await writer.write(message)
  }

  /// An answer came.
  ///
  /// - Throws: ``WireError`` if nobody asked.
  func received(_ content: Answers.Content) throws(WireError) {
    guard let job = content.job else {
      throw WireError(field: "TrainRequest.content", rule: "a stream is introduced once")
    }
    let first = state.withLock { state -> Question? in
      guard let first = state.pending[job]?.first else { return nil }
      state.pending[job]?.removeFirst()
      let time = .now - first.asked
      state.answerTime = state.answerTime.map { $0 + (time - $0) * Self.newWeight } ?? time
      return first
    }
    guard let first else {
      throw WireError(
        field: "TrainRequest.content", rule: "every message answers one of the fusion center's (actual: job \(job))")
    }
    first.answers.arrived(content, at: first.place)
  }

  /// The stream has ended, or is to end: nothing more comes of it.
  func end(_ error: any Error) {
    let pending = state.withLock { state in
      state.error = state.error ?? error
      defer { state.pending = [:] }
      return state.pending
    }
    for question in pending.values.joined() { question.answers.failed(LinkLost(agent: agent, cause: error)) }
    end.raise(error)
  }

  /// What the stream is to end with; nil while it goes on.
  var error: (any Error)? { state.withLock { $0.error } }
}

/// The end of a stream, raised by whichever side ends it.
final class LinkEnd: Sendable {
  private let error = Mutex<(any Error)?>(nil)
  private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

  func raise(_ error: any Error) {
    self.error.withLock { $0 = $0 ?? error }
    continuation.finish()
  }

  /// Waits for the end.
  ///
  /// - Throws: What the stream ends with; `CancellationError`.
  func wait() async throws {
    for await _ in stream {}
    try Task.checkCancellation()
    if let error = error.withLock({ $0 }) { throw error }
  }
}

/// An agent's stream broke off; it may come back.
struct LinkLost: Error, CustomStringConvertible {
  let agent: AgentID
  let cause: any Error
  var description: String { "agent \(agent) is away: \(cause)" }
}

extension Answers.Content {
  /// The job that an answer is about; nil for messages that are no answers within a job.
  fileprivate var job: UInt32? {
    switch self {
    case .step(let answer): answer.job
    case .message(.begun(let begun)): begun.job
    case .message(.embeddings(let embeddings)): embeddings.job
    case .message(.done(let done)): done.job
    case .message(.introduction), .message(.keys), .message(.presence): nil
    }
  }
}
