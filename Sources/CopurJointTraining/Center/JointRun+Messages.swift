internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire

/// The messages of steps, and what of them is refused.
extension JointRun {
  /// Asks an agent for a step, or tells it of the end.
  func contact(_ link: AgentLink, _ gradient: Matrix?, rows: [Int]?, save: UInt64) async throws
    -> Answers.Content
  {
    let answers = Answers(count: 1)
    if job.training.jointExchange.numbers == .float32 {
      let message = StepQuestion.message(
        job: id, gradient: gradient.map { ($0, 0..<$0.columns) }, rows: StepQuestion.Rows(rows ?? []), save: save)
      link.ask(step: message, job: id, answers: answers, place: 0)
    } else {
      await link.ask(exchange(gradient, rows: rows, save: save), job: id, answers: answers, place: 0)
    }
    return try await answers.all()[0]
  }

  /// A step as a message; without rows the end of the job.
  func exchange(_ gradient: Matrix?, rows: [Int]?, save: UInt64) -> Copur_V1_TrainResponse.OneOf_Content {
    var exchange = Copur_V1_TrainResponse.Exchange()
    exchange.job = id
    exchange.rows = (rows ?? []).map { UInt32($0) }
    exchange.save = save
    if let gradient { exchange.gradient = Copur_V1_Numbers(gradient, as: job.training.jointExchange.numbers) }
    return .exchange(exchange)
  }

  /// Takes the embeddings of an answer.
  ///
  /// - Parameters:
  ///   - embeddings: Has as many rows as were asked for.
  ///   - columns: Those of `embeddings` that the agent gives.
  ///   - save: The checkpoint that it was told to write.
  func receive(
    _ content: Answers.Content, in embeddings: inout Matrix, columns: Range<Int>, link: AgentLink, save: UInt64
  ) throws {
    guard let saved = content.saved else { throw reject(link, "Embeddings answer Exchange") }
    guard saved == save || saved == Checkpoint.beginning else {
      throw reject(link, "an agent writes the checkpoint that it is told to (told: \(save), actual: \(saved))")
    }
    let field = "Embeddings.values of agent \(link.agent)"
    do throws(WireError) {
      switch content {
      case .step(let answer): try answer.values.copy(to: &embeddings, columns: columns, field: field)
      case .message(.embeddings(let message)):
        embeddings.replaceColumns(
          columns, with: try message.values.matrix(rows: embeddings.rows, columns: columns.count, field: field))
      case .message: break
      }
    } catch {
      link.end(error)
      throw LinkLost(agent: link.agent, cause: error)
    }
  }

  func reject(_ link: AgentLink, _ rule: String) -> LinkLost {
    let error = WireError(field: "TrainRequest.content", rule: rule)
    link.end(error)
    return LinkLost(agent: link.agent, cause: error)
  }

  /// A gradient that agents can take: one that is not finite would be refused by each, again and again.
  ///
  /// - Throws: ``NumericsError`` if it is not finite.
  func finite(_ gradient: Matrix, in center: JointTrainingCenter) throws -> Matrix {
    guard gradient.values.allSatisfy(\.isFinite) else {
      throw NumericsError(
        "the gradient is not finite in epoch \(center.completedEpochs + 1): the learning rate is too large")
    }
    return gradient
  }
}

extension Answers.Content {
  /// The checkpoint that an agent has written before it embedded rows; nil if this is no embeddings.
  var saved: UInt64? {
    switch self {
    case .step(let answer): answer.saved
    case .message(.embeddings(let embeddings)): embeddings.saved
    case .message: nil
    }
  }
}
