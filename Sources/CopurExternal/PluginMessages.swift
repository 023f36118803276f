internal import CopurCore
internal import CopurNumerics
internal import CopurWire

extension Copur_V1_PluginOpen {
  init(_ role: Role, roster: AgentRoster, classes: [String]) {
    self.init()
    self.role = role
    agents = zip(roster.agents, roster.layout.widths).map { agent, width in
      var message = Copur_V1_PluginAgent()
      message.name = agent.name
      message.width = UInt32(width)
      return message
    }
    self.classes = classes
  }

  /// The message that an extractor is opened with: its agent.
  init(embedding agent: EmbeddedAgent) {
    self.init()
    role = .extractor
    var message = Copur_V1_PluginAgent()
    message.name = agent.id.name
    message.width = UInt32(agent.embedding)
    message.features = UInt32(agent.features)
    message.columns = agent.columns ?? []
    agents = [message]
  }
}

extension Copur_V1_PluginBlocks {
  init(_ observation: Observation) {
    self.init()
    samples = UInt32(observation.samples)
    embeddings = observation.embeddings.values
    if !observation.isComplete { observed = observation.observed }
  }

  /// - Throws: ``CopurError`` of code `.protocolViolation` that says the rule and the value.
  func observation(layout: BlockLayout) throws -> Observation {
    let n = Int(samples)
    guard n >= 1, embeddings.count == n * layout.totalWidth, observed.isEmpty || observed.count == n * layout.count
    else {
      throw CopurError(
        .protocolViolation,
        "blocks have \(layout.totalWidth) numbers a sample, and \(layout.count) flags or none (samples: \(n), numbers: "
          + "\(embeddings.count), flags: \(observed.count))")
    }
    guard embeddings.allSatisfy(\.isFinite) else {
      throw CopurError(.protocolViolation, "the numbers of blocks are finite")
    }
    let values = Matrix(rows: n, columns: layout.totalWidth, values: embeddings)
    return observed.isEmpty
      ? Observation(layout: layout, embeddings: values)
      : Observation(layout: layout, embeddings: values, observed: observed)
  }
}

extension Copur_V1_PluginQuestion {
  /// The answer that a victim gives.
  ///
  /// - Parameters:
  ///   - hasGradients: Whether who asks may have gradients.
  ///   - seed: Randomized victims draw from it.
  /// - Throws: ``CopurError`` of code `.protocolViolation` that says the rule and the value.
  func answer(
    of victim: any Victim, layout: BlockLayout, hasGradients: Bool, seed: UInt64 = 0
  ) throws -> Copur_V1_PluginAnswer {
    let observation = try blocks.observation(layout: layout)
    let labels = self.labels.map { Int($0) }
    guard labels.isEmpty ? !gradient : labels.count == observation.samples else {
      throw CopurError(
        .protocolViolation, "a loss is of a label a sample (samples: \(observation.samples), labels: \(labels.count))")
    }
    guard labels.allSatisfy({ $0 < victim.classes }) else {
      throw CopurError(.protocolViolation, "a label is one of \(victim.classes) classes (actual: \(labels.max() ?? 0))")
    }
    guard labels.isEmpty || hasGradients else {
      throw CopurError(
        .protocolViolation, "losses and gradients are for attacks that know the model or the defence, by `knowledge`")
    }
    var answer = Copur_V1_PluginAnswer()
    answer.probabilities = victim.decide(observation).flatMap(\.probabilities)
    if !labels.isEmpty {
      let seeds = labels.indices.map { seed &+ UInt64($0) }
      let result = victim.lossGradient(observation, labels: labels, seeds: seeds)
      answer.losses = result.losses
      if gradient { answer.gradient = result.gradient.values }
    }
    return answer
  }
}
