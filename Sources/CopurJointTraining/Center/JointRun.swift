internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire
internal import Foundation
internal import Logging
internal import Synchronization

/// One joint training over the network: it leads the agents from checkpoint to checkpoint, and goes back to the last one where
/// an agent goes away.
final class JointRun: Sendable {
  let center: TrainingCenter
  let job: JointJob
  /// By what messages name the job.
  let id: UInt32
  private let progress: @Sendable (Int, Float) -> Void
  let tally: JobTally
  private let settings: String
  /// The streams on which agents have the trained extractor at hand.
  private let prepared = Mutex<Set<ObjectIdentifier>>([])
  /// What each agent's embeddings are multiplied by in the end; nil for as they are.
  let factors = Mutex<[Float]?>(nil)

  init(
    center: TrainingCenter, job: JointJob, id: UInt32, tally: JobTally,
    progress: @escaping @Sendable (Int, Float) -> Void
  ) {
    self.center = center
    self.job = job
    self.id = id
    self.tally = tally
    self.progress = {
      tally.reached(epoch: $0, loss: $1)
      progress($0, $1)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    settings = String(decoding: (try? encoder.encode(job.training)) ?? Data(), as: UTF8.self)
  }

  /// Trains until the last step, however often agents go away meanwhile.
  ///
  /// - Returns: The fusion center's side after the last step.
  func train(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    switch job.training.jointExchange.mode {
    case .synchronous: try await synchronous(initial)
    case .asynchronous: try await asynchronous(initial)
    }
  }

  // MARK: Synchronous

  private func synchronous(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    var last = try center.store.entry(of: job.name)
    while true {
      do {
        let links = try await center.links()
        var state = initial
        if let entry = last {
          try state.restore(entry.state)
          tally.reached(epoch: state.completedEpochs, loss: nil)
          // An agent that has lost what it learned makes all of them begin again.
          guard try await begin(links, at: { _ in entry.number }) else {
            center.logger.warning("an agent has no checkpoint: training begins again", metadata: ["job": "\(job.name)"])
            last = nil
            continue
          }
          if entry.number == Checkpoint.trained {
            prepared.withLock { $0 = Set(links.values.map { ObjectIdentifier($0) }) }
            return state
          }
        } else {
          _ = try await begin(links, at: { _ in Checkpoint.beginning })
        }
        return try await steps(links, &state, from: &last)
      } catch let error as LinkLost {
        center.logger.info("training waits for an agent", metadata: ["agent": "\(error.agent)", "job": "\(job.name)"])
      }
    }
  }

  private func steps(
    _ links: [Int: AgentLink], _ state: inout JointTrainingCenter, from last: inout CheckpointStore.Entry?
  ) async throws -> JointTrainingCenter {
    let layout = state.layout
    let agents = links.keys.sorted()
    let absent = Set(0..<layout.count).subtracting(agents)
    let numbers = job.training.jointExchange.numbers
    var gradient: Matrix?
    var savedAt = ContinuousClock.now
    while true {
      if state.isAtEpochStart { try Task.checkCancellation() }
      let mayBeDue =
        gradient != nil && state.isAtEpochStart && .now - savedAt >= center.configuration.checkpointInterval
      // What a checkpoint begins with is as it was before the rows were drawn.
      let before = mayBeDue ? state.state : nil
      let rows = state.nextRows()
      let isDue = mayBeDue && rows != nil
      let save = isDue ? (last?.number ?? 0) + 1 : Checkpoint.beginning
      let answers = Answers(count: agents.count)
      let question = StepQuestion.Rows(rows ?? [])
      for (place, agent) in agents.enumerated() {
        let link = links[agent]!
        if numbers == .float32 {
          let message = StepQuestion.message(
            job: id, gradient: gradient.map { ($0, layout[agent]) }, rows: question, save: save)
          link.ask(step: message, job: id, answers: answers, place: place)
        } else {
          await link.ask(
            exchange(gradient?.columns(layout[agent]), rows: rows, save: save), job: id, answers: answers, place: place)
        }
      }
      let contents = try await answers.all()
      guard let rows else {
        for (place, agent) in agents.enumerated() {
          guard case .message(.done) = contents[place] else {
            throw reject(links[agent]!, "Done answers the end of a job")
          }
        }
        try await store(.init(number: Checkpoint.trained, state: state.state, agents: [:]), as: &last)
        prepared.withLock { $0 = Set(links.values.map { ObjectIdentifier($0) }) }
        return state
      }
      var embeddings = Matrix(rows: rows.count, columns: layout.totalWidth)
      for (place, agent) in agents.enumerated() {
        try receive(contents[place], in: &embeddings, columns: layout[agent], link: links[agent]!, save: save)
      }
      if isDue, let before {
        savedAt = .now
        // An agent may be one that writes none.
        if contents.allSatisfy({ $0.saved == save }) {
          try await store(.init(number: save, state: before, agents: [:]), as: &last)
        }
      }
      let (slopes, epoch) = try state.step(embeddings, of: rows, without: absent)
      gradient = try finite(slopes, in: state)
      tally.stepped()
      if let epoch { progress(epoch.number, epoch.loss) }
    }
  }

  /// A gradient that agents can take: one that is not finite would be refused by each, again and again.
  ///
  /// - Throws: ``NumericsError`` if it is not finite.
  private func finite(_ gradient: Matrix, in center: JointTrainingCenter) throws -> Matrix {
    guard gradient.values.allSatisfy(\.isFinite) else {
      throw NumericsError(
        "the gradient is not finite in epoch \(center.completedEpochs + 1): the learning rate is too large")
    }
    return gradient
  }

  private func store(_ entry: CheckpointStore.Entry, as last: inout CheckpointStore.Entry?) async throws {
    try await center.store.store(of: job.name) { entry }
    last = entry
  }

  // MARK: Asynchronous

  /// What agents' loops share.
  private final class Shared: Sendable {
    /// The center's side, and the number of each agent's last checkpoint.
    let state: Mutex<(center: JointTrainingCenter, agents: [Int: UInt64])>

    init(_ center: JointTrainingCenter, agents: [Int: UInt64]) { state = Mutex((center, agents)) }
  }

  private func asynchronous(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    var state = initial
    let entry = try center.store.entry(of: job.name)
    if let entry {
      try state.restore(entry.state)
      tally.reached(epoch: state.completedEpochs, loss: nil)
    }
    // Everybody is there when it begins: who has never come has no embeddings.
    _ = try await center.links()
    let (shared, count) = (Shared(state, agents: entry?.agents ?? [:]), state.layout.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for agent in 0..<count {
        group.addTask { [self] in
          while try await !contacts(of: agent, shared) {}
        }
      }
      try await group.waitForAll()
    }
    return shared.state.withLock { $0.center }
  }

  /// One agent's contacts, until it goes away or all contacts were made.
  ///
  /// - Returns: Whether it is at the end.
  private func contacts(of agent: Int, _ shared: Shared) async throws -> Bool {
    guard let link = try await center.link(of: agent) else {
      shared.state.withLock { $0.center.forget(agent) }
      return true
    }
    do {
      let links = [agent: link]
      let from = shared.state.withLock { $0.agents[agent] ?? Checkpoint.beginning }
      if try await !begin(links, at: { _ in from }), from == Checkpoint.trained {
        throw CopurError(.unavailable, "agent \(link.agent) has lost what it learned")
      }
      if from == Checkpoint.trained { return true }
      var gradient: Matrix?
      var (saved, savedAt) = (from, ContinuousClock.now)
      while true {
        try Task.checkCancellation()
        let rows = shared.state.withLock { $0.center.nextRows(of: agent) }
        let isDue = rows != nil && gradient != nil && .now - savedAt >= center.configuration.checkpointInterval
        let save = isDue ? saved + 1 : Checkpoint.beginning
        let content = try await contact(link, gradient, rows: rows, save: save)
        guard let rows else {
          guard case .message(.done) = content else { throw reject(link, "Done answers the end of a job") }
          try await ended(agent, at: Checkpoint.trained, shared)
          _ = prepared.withLock { $0.insert(ObjectIdentifier(link)) }
          return true
        }
        var block = Matrix(rows: rows.count, columns: job.training.embedding)
        try receive(content, in: &block, columns: 0..<block.columns, link: link, save: save)
        if isDue {
          savedAt = .now
          if content.saved == save {
            saved = save
            try await ended(agent, at: save, shared)
          }
        }
        let (slope, epoch) = try shared.state.withLock { try $0.center.step(block, of: rows, from: agent) }
        gradient = try shared.state.withLock { try finite(slope, in: $0.center) }
        tally.stepped()
        if let epoch { progress(epoch.number, epoch.loss) }
      }
    } catch let error as LinkLost {
      center.logger.info("an agent's contacts stop", metadata: ["agent": "\(error.agent)", "job": "\(job.name)"])
      return false
    }
  }

  /// Asks an agent for a step, or tells it of the end.
  private func contact(_ link: AgentLink, _ gradient: Matrix?, rows: [Int]?, save: UInt64) async throws
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

  /// An agent has written a checkpoint: the center's own goes with it.
  ///
  /// Agents that end at once have theirs written one after the other, each with all that ended before it.
  private func ended(_ agent: Int, at number: UInt64, _ shared: Shared) async throws {
    shared.state.withLock { $0.agents[agent] = number }
    try await center.store.store(of: job.name) {
      shared.state.withLock { shared in
        let all = (0..<shared.center.layout.count).allSatisfy { shared.agents[$0] == Checkpoint.trained }
        return CheckpointStore.Entry(
          number: all ? Checkpoint.trained : Checkpoint.beginning, state: shared.center.state, agents: shared.agents)
      }
    }
  }

  // MARK: Messages

  /// Begins the job with agents, or has them go back.
  ///
  /// - Parameter checkpoint: The checkpoint that each goes back to.
  /// - Returns: Whether all of them did.
  /// - Throws: ``LinkLost``.
  private func begin(_ links: [Int: AgentLink], at checkpoint: (Int) -> UInt64) async throws -> Bool {
    let widths = center.state.withLock { $0.features.map { UInt32($0 ?? 1) } }
    let rows = job.rows.map { UInt32($0) }
    let answers = try await center.ask(links, job: id) { agent in
      var begin = Copur_V1_TrainResponse.Begin()
      begin.job = id
      begin.name = job.name
      begin.settings = settings
      begin.rows = rows
      begin.widths = Array(widths[...agent])
      begin.heard = job.isHeard[agent]
      begin.checkpoint = checkpoint(agent)
      return .begin(begin)
    }
    return try answers.allSatisfy { agent, content in
      guard case .message(.begun(let begun)) = content else { throw reject(links[agent]!, "Begun answers Begin") }
      return begun.checkpoint == checkpoint(agent)
    }
  }

  /// Sees to it that agents have the trained extractor at hand.
  ///
  /// - Throws: ``LinkLost``; ``CopurError`` of code `.unavailable` if one of them has lost it.
  func prepare(_ links: [Int: AgentLink]) async throws {
    let new = prepared.withLock { prepared in links.filter { !prepared.contains(ObjectIdentifier($0.value)) } }
    guard !new.isEmpty else { return }
    guard try await begin(new, at: { _ in Checkpoint.trained }) else {
      throw CopurError(
        .unavailable,
        "an agent has lost what it learned in \"\(job.name)\" (one of \(new.values.map(\.agent).sorted()))")
    }
    prepared.withLock { $0.formUnion(new.values.map { ObjectIdentifier($0) }) }
  }

  /// A step as a message; without rows the end of the job.
  private func exchange(_ gradient: Matrix?, rows: [Int]?, save: UInt64) -> Copur_V1_TrainResponse.OneOf_Content {
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
  private func receive(
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

  private func reject(_ link: AgentLink, _ rule: String) -> LinkLost {
    let error = WireError(field: "TrainRequest.content", rule: rule)
    link.end(error)
    return LinkLost(agent: link.agent, cause: error)
  }

  // MARK: Afterwards

  /// The most bytes of embeddings in a message.
  private static let bytesPerMessage = 2 << 20

  /// The embeddings of rows by the trained extractors.
  ///
  /// - Parameters:
  ///   - rows: The center's numbers of rows.
  ///   - factors: What each agent's embeddings are multiplied by; nil for as they are.
  func observe(_ rows: [Int], factors: [Float]?) async throws -> Observation {
    let (width, count) = (job.training.embedding, center.configuration.agents.count)
    let layout = BlockLayout(widths: [Int](repeating: width, count: count))
    let chunk = max(1, Self.bytesPerMessage / (4 * width))
    var observation = Observation(layout: layout, samples: rows.count)
    for start in stride(from: 0, to: rows.count, by: chunk) {
      let numbers = Array(rows[start..<min(start + chunk, rows.count)])
      try await center.again {
        let links = try await center.links()
        try await prepare(links)
        if let factors { try await scale(links, by: factors) }
        let answers = try await center.ask(links, job: id) { _ in
          var observe = Copur_V1_TrainResponse.Observe()
          observe.job = id
          observe.rows = numbers.map { UInt32($0) }
          return .observe(observe)
        }
        for (agent, content) in answers {
          let link = links[agent]!
          var block = Matrix(rows: numbers.count, columns: width)
          try receive(content, in: &block, columns: 0..<width, link: link, save: Checkpoint.beginning)
          guard case .message(.embeddings(let embeddings)) = content else {
            throw reject(link, "Embeddings.present has a bit a row")
          }
          guard
            let present = try? PackedBits.bits(embeddings.present, count: numbers.count, field: "Embeddings.present")
          else { throw reject(link, "Embeddings.present has a bit a row") }
          for row in numbers.indices where present[row] {
            observation.set(block: agent, of: start + row, to: block[row: row])
          }
        }
      }
    }
    return observation
  }

  /// Tells agents what their embeddings are multiplied by from now on.
  func scale(_ links: [Int: AgentLink], by factors: [Float]) async throws {
    let answers = try await center.ask(links, job: id) { agent in
      var scale = Copur_V1_TrainResponse.Scale()
      scale.job = id
      scale.factor = factors[agent]
      return .scale(scale)
    }
    for (agent, content) in answers {
      guard case .message(.done) = content else { throw reject(links[agent]!, "Done answers Scale") }
    }
  }
}

extension Answers.Content {
  /// The checkpoint that an agent has written before it embedded rows; nil if this is no embeddings.
  fileprivate var saved: UInt64? {
    switch self {
    case .step(let answer): answer.saved
    case .message(.embeddings(let embeddings)): embeddings.saved
    case .message: nil
    }
  }
}

/// Agents over the network after a joint training.
struct NetworkAgents: TrainedAgents {
  let run: JointRun
  /// What each agent's embeddings are multiplied by; nil for as they are.
  let factors: [Float]?

  var extractors: [any FeatureExtractor] {
    let features = run.center.state.withLock { $0.features }
    return features.map {
      AbsentExtractor(
        inputWidth: $0 ?? 1, embeddingWidth: run.job.training.embedding, training: run.center.training)
    }
  }

  func observe(_ rows: [Int]) async throws -> Observation { try await run.observe(rows, factors: factors) }

  func scaling(by factors: [Float]) async throws -> any TrainedAgents {
    try await run.center.again {
      let links = try await run.center.links()
      try await run.prepare(links)
      try await run.scale(links, by: factors)
    }
    run.factors.withLock { $0 = factors }
    return NetworkAgents(run: run, factors: factors)
  }
}
