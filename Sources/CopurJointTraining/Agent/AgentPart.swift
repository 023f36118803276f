package import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
package import CopurWire
package import Foundation
package import Logging

/// What an agent answers on one stream: a value, so that a test can ask it without a network.
package struct AgentPart {
  private let id: AgentID
  private let rows: AgentRows
  private let silence: SilenceRule
  private let index: Int
  private let seed: UInt64
  private let checkpoints: AgentCheckpoints
  private let playsAttacks: Bool
  private let logger: Logger
  /// For each row of the fusion center's the agent's own, nil for none; as far as it has been told.
  private var own: [Int?] = []
  private var present: [Bool] = []
  private var jobs: [UInt32: Job] = [:]
  /// The models that the agent serves with, once the training is over.
  private(set) var model: AgentModel?
  /// The number of joint trainings that are under way, each with its rows in memory.
  package var runningJobs: Int { jobs.values.count { $0.training != nil } }

  /// One joint training.
  private struct Job {
    let name: String
    let format: QuantizedNumbers.Format
    /// The agent's side of the steps, with the inputs of all rows; nil once the job is over, which leaves its extractor.
    var training: AgentTraining?
    /// How many rows were embedded and wait for their gradient; 0 for none.
    var waiting = 0
    let count: Int
    var extractor: NetworkExtractor?
    var factor: Float = 1
    let lie: TrainingLie?
  }

  /// - Parameters:
  ///   - seed: What the first weights follow from; nil: a secret that is drawn once for a training.
  ///   - playsAttacks: Whether it lies where the settings of a training say so, as in a simulation.
  package init(
    _ welcome: Copur_V1_TrainResponse.Welcome, id: AgentID, rows: AgentRows, seed: UInt64?, folder: URL?,
    playsAttacks: Bool, logger: Logger
  ) throws {
    guard UInt64(rows.features.rows) <= welcome.maxRows else {
      throw CopurError(
        .configuration,
        "the fusion center takes at most \(welcome.maxRows) rows of an agent (actual: \(rows.features.rows))")
    }
    guard !welcome.training.isEmpty,
      welcome.training.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
    else { throw CopurError(.protocolViolation, "a training's name is of digits and small letters") }
    self.id = id
    self.rows = rows
    self.playsAttacks = playsAttacks
    self.logger = logger
    silence = welcome.silent > 0 ? try SilenceRule(share: welcome.silent) : .never
    index = Int(welcome.index)
    checkpoints = try AgentCheckpoints(folder: folder?.appending(path: welcome.training))
    self.seed = try seed ?? checkpoints.seed()
  }

  /// The messages with the keys of all rows.
  static func keys(of rows: AgentRows) -> [Copur_V1_TrainRequest] {
    let bytes = KeyedDigest.count << 14
    return stride(from: 0, to: rows.digests.count, by: bytes).map { start in
      var message = Copur_V1_TrainRequest()
      message.keys.digests = rows.digests[start..<min(start + bytes, rows.digests.count)]
      message.keys.last = start + bytes >= rows.digests.count
      return message
    }
  }

  /// What a message is answered with; nil for one that is not the last of several.
  ///
  /// - Throws: ``CopurError`` of code `.protocolViolation` if the fusion center breaks a rule; what writing a checkpoint
  ///   throws.
  package mutating func answer(to message: Copur_V1_TrainResponse) throws -> Copur_V1_TrainRequest? {
    var answer = Copur_V1_TrainRequest()
    switch message.content {
    case .rows(let message):
      guard try numbered(message) else { return nil }
      answer.presence.present = PackedBits.data(present)
    case .begin(let begin): answer.begun = try begun(begin)
    case .exchange(let exchange):
      guard let embeddings = try exchanged(exchange) else {
        answer.done.job = exchange.job
        return answer
      }
      answer.embeddings = embeddings
    case .observe(let observe): answer.embeddings = try observed(observe)
    case .scale(let scale):
      guard scale.factor.isFinite, jobs[scale.job]?.extractor != nil else {
        throw violation("Scale has a finite factor, and follows the end of its job")
      }
      jobs[scale.job]?.factor = scale.factor
      answer.done.job = scale.job
    case .finish(let finish):
      guard let extractor = extractor(of: finish.job) else { throw violation("Finish follows the end of its job") }
      model = AgentModel(
        agent: id, modelVersion: finish.modelVersion, columns: rows.columns, silence: silence, extractor: extractor)
      answer.done.job = finish.job
    case .welcome, nil: throw violation("a message after Welcome is one of the others")
    }
    return answer
  }

  /// Removes what a training that has ended might have gone back to.
  func removeCheckpoints() { checkpoints.removeAll() }

  private func violation(_ rule: String) -> CopurError {
    CopurError(.protocolViolation, "the fusion center breaks a rule: \(rule)")
  }

  private mutating func numbered(_ message: Copur_V1_TrainResponse.Rows) throws -> Bool {
    for number in message.own {
      guard number <= UInt64(rows.features.rows) else { throw violation("Rows name the agent's own rows") }
      own.append(number == 0 ? nil : Int(number) - 1)
    }
    guard message.last else { return false }
    present = own.map { row in row.map { silence.isPresent(rows.features[row: $0]) } ?? false }
    return true
  }

  /// The raw features of the fusion center's rows: NaN in all of one of which the agent says nothing.
  private func features(of numbers: [UInt32], isTraining: Bool) throws -> Matrix {
    var matrix = Matrix(rows: numbers.count, columns: rows.columns.count)
    let nothing = [Float](repeating: .nan, count: rows.columns.count)
    for (place, number) in numbers.enumerated() {
      guard Int(number) < own.count else { throw violation("a job's rows are among Rows (actual: \(number))") }
      if let row = own[Int(number)], present[Int(number)] || !isTraining {
        matrix[row: place] = rows.features[row: row]
      } else {
        matrix[row: place] = nothing[...]
      }
    }
    return matrix
  }

  private mutating func begun(_ begin: Copur_V1_TrainResponse.Begin) throws -> Copur_V1_TrainRequest.Begun {
    let settings: TrainingSettings
    do {
      settings = try JSONDecoder().decode(TrainingSettings.self, from: Data(begin.settings.utf8))
    } catch {
      throw CopurError(
        .protocolViolation, "the fusion center's training settings are none of this program's", cause: error)
    }
    let exchange = settings.jointExchange
    guard settings.extractor.isJoint, (1...1 << 20).contains(settings.embedding), !begin.rows.isEmpty,
      begin.rows.count <= own.count, (1...1 << 20).contains(settings.batch), (1...1_000_000).contains(settings.epochs),
      (0...1).contains(settings.decay ?? 0), (1...10_000).contains(exchange.localSteps), exchange.embeddingNoise >= 0,
      begin.widths.allSatisfy({ Int($0) * settings.embedding <= TrainingSettings.weightLimit }),
      begin.widths.count == index + 1, begin.widths.allSatisfy({ (1...1 << 20).contains($0) }),
      begin.widths.last.map(Int.init) == rows.columns.count
    else { throw violation("a job has rows, and settings and widths within their bounds") }
    var training = try AgentTraining(
      settings, agent: index, widths: begin.widths.map(Int.init),
      geometry: FeatureGeometry(pixels: rows.columns) ?? .plain,
      features: try features(of: begin.rows, isTraining: true), standardizer: honestStandardizer(of: begin.rows),
      isHeard: begin.heard, seed: seed, lie: lie(by: settings))
    var answer = Copur_V1_TrainRequest.Begun()
    answer.job = begin.job
    var extractor: NetworkExtractor?
    if begin.checkpoint != Checkpoint.beginning {
      if let entry = checkpoints.entry(of: begin.name, number: begin.checkpoint) {
        try training.trainee.restore(entry.state)
        answer.checkpoint = begin.checkpoint
        if begin.checkpoint == Checkpoint.trained { extractor = training.extractor }
      } else if let trained = jobs[begin.job]?.extractor, begin.checkpoint == Checkpoint.trained {
        extractor = trained
        answer.checkpoint = begin.checkpoint
      }
    }
    jobs[begin.job] = Job(
      name: begin.name, format: settings.jointExchange.numbers, training: extractor == nil ? training : nil,
      count: begin.rows.count, extractor: extractor, lie: lie(by: settings))
    logger.info(
      answer.checkpoint == 0 ? "training begins" : "training goes on",
      metadata: ["job": "\(begin.name)", "rows": "\(begin.rows.count)"])
    return answer
  }

  /// What standardises rows of which a simulation has spoiled some, as it was before; nil where none were.
  private func honestStandardizer(of numbers: [UInt32]) -> Standardizer? {
    guard let honest = rows.honest else { return nil }
    var matrix = Matrix(rows: numbers.count, columns: rows.columns.count)
    let nothing = [Float](repeating: .nan, count: rows.columns.count)
    for (place, number) in numbers.enumerated() {
      guard let row = own[Int(number)], silence.isPresent(honest[row: row]) else {
        matrix[row: place] = nothing[...]
        continue
      }
      matrix[row: place] = honest[row: row]
    }
    return Standardizer(fitting: matrix)
  }

  /// What is sent in place of embeddings; nil for an honest agent.
  private func lie(by settings: TrainingSettings) -> TrainingLie? { playsAttacks ? settings.attack?.lie(of: id) : nil }

  private mutating func exchanged(
    _ exchange: Copur_V1_TrainResponse.Exchange
  ) throws -> Copur_V1_TrainRequest.Embeddings? {
    let index = try learn(job: exchange.job) { rows, columns in
      guard exchange.hasGradient else { return nil }
      return try exchange.gradient.matrix(rows: rows, columns: columns, field: "Exchange.gradient")
    }
    guard !exchange.rows.isEmpty else {
      try end(index)
      return nil
    }
    let embeddings = try embed(exchange.rows.map { Int($0) }, index, save: exchange.save)
    var answer = Copur_V1_TrainRequest.Embeddings()
    answer.job = exchange.job
    answer.saved = exchange.save
    answer.values = Copur_V1_Numbers(embeddings, as: jobs.values[index].format)
    return answer
  }

  /// The answer to a step as a message; nil for a job whose numbers are of fewer bits.
  ///
  /// - Throws: As ``answer(to:)-(Copur_V1_TrainResponse)``.
  package mutating func answer(to question: StepQuestion) throws -> [UInt8]? {
    if let job = jobs[question.job], job.format != .float32 { return nil }
    let index = try learn(job: question.job) { rows, columns in
      try question.gradient?.matrix(rows: rows, columns: columns, field: "Exchange.gradient")
    }
    let embeddings = try embed(question.rows, index, save: question.save)
    return StepAnswer.message(job: question.job, values: embeddings, saved: question.save)
  }

  /// Takes the gradient of what was embedded last, if anything was.
  ///
  /// - Parameter gradient: Gives it with so many rows and columns; nil if there is none.
  /// - Returns: Where the job is.
  private mutating func learn(
    job id: UInt32, _ gradient: (_ rows: Int, _ columns: Int) throws -> Matrix?
  ) throws -> Dictionary<UInt32, Job>.Index {
    guard let index = jobs.index(forKey: id), let width = jobs.values[index].training?.trainee.network.outputWidth
    else { throw violation("Exchange follows Begin") }
    let waiting = jobs.values[index].waiting
    guard waiting > 0 else { return index }
    guard let gradient = try gradient(waiting, width) else {
      throw violation("embeddings are followed by their gradient")
    }
    jobs.values[index].training?.trainee.receive(gradient: gradient)
    jobs.values[index].waiting = 0
    return index
  }

  /// Embeds the rows of a step, and writes a checkpoint before.
  private mutating func embed(_ rows: [Int], _ index: Dictionary<UInt32, Job>.Index, save: UInt64) throws -> Matrix {
    if save != Checkpoint.beginning, let state = jobs.values[index].training?.trainee.state {
      try checkpoints.store(.init(number: save, state: state), of: jobs.values[index].name)
    }
    let count = jobs.values[index].count
    guard rows.count <= count else { throw violation("a step has no more rows than its job") }
    guard rows.allSatisfy({ $0 < count }) else { throw violation("Exchange.rows are places among the job's rows") }
    guard let embeddings = jobs.values[index].training?.trainee.embed(rows: rows) else {
      throw violation("Exchange follows Begin")
    }
    guard embeddings.isFinite else {
      throw CopurError(
        .invalidData, "the embeddings of agent \(id) are not finite in training: the learning rate is too large")
    }
    jobs.values[index].waiting = rows.count
    return embeddings
  }

  /// The job is over.
  private mutating func end(_ index: Dictionary<UInt32, Job>.Index) throws {
    guard let training = jobs.values[index].training else { throw violation("Exchange follows Begin") }
    try checkpoints.store(.init(number: Checkpoint.trained, state: training.trainee.state), of: jobs.values[index].name)
    // The inputs are let go: a choice has many trainings, and only their extractors are asked from now on.
    jobs.values[index].extractor = training.extractor
    jobs.values[index].training = nil
  }

  private func extractor(of job: UInt32) -> NetworkExtractor? {
    guard let job = jobs[job], let extractor = job.extractor else { return nil }
    return job.factor == 1 ? extractor : extractor.scaling(by: job.factor)
  }

  private func observed(_ observe: Copur_V1_TrainResponse.Observe) throws -> Copur_V1_TrainRequest.Embeddings {
    guard let extractor = extractor(of: observe.job) else { throw violation("Observe follows the end of its job") }
    guard observe.rows.count <= own.count else { throw violation("Observe asks for each row once at most") }
    var answer = Copur_V1_TrainRequest.Embeddings()
    answer.job = observe.job
    var embeddings = extractor.embed(try features(of: observe.rows, isTraining: false))
    if let lie = jobs[observe.job]?.lie {
      embeddings = lie.applied(
        to: embeddings, rows: observe.rows.map { Int($0) }, seed: SeededGenerator.seed(seed, of: index))
    }
    answer.values = Copur_V1_Numbers(embeddings, as: .float32)
    answer.present = PackedBits.data(observe.rows.map { present[Int($0)] })
    return answer
  }
}
