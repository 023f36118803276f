public import CopurCore

extension Copur_V1_Verdict {
  /// The message that says a verdict.
  ///
  /// - Parameters:
  ///   - verdict: What it says.
  ///   - roster: The expected agents, the verdict's all among them.
  ///   - quorum: The fewest blocks that give a decision, for the reason why there is none.
  public init(_ verdict: Verdict, roster: AgentRoster, quorum: Int) {
    self.init()
    session = verdict.session
    sample = verdict.sample
    modelVersion = verdict.modelVersion
    defense = verdict.defense
    var contributed = verdict.contributed[...]
    agents = roster.agents.enumerated().map { index, agent in
      var outcome = Copur_V1_AgentOutcome()
      outcome.agent = agent.name
      // Both lists are in the model's order, so one walk over them is enough.
      if contributed.first == agent {
        contributed.removeFirst()
        outcome.contributed = true
        if let residual = verdict.decision?.residuals?[index] { outcome.residual = residual }
        if let suspect = verdict.decision?.suspects?[index] { outcome.suspect = suspect }
      }
      return outcome
    }
    if let decision = verdict.decision {
      self.decision = Copur_V1_Decision(decision)
    } else {
      noDecisionReason = VerdictEncoder.noDecisionReason(
        contributed: verdict.contributed.count, roster: roster, quorum: quorum)
    }
    if let traceparent = verdict.traceparent { self.traceparent = traceparent }
  }
}

extension Copur_V1_Decision {
  fileprivate init(_ decision: Decision) {
    self.init()
    label = UInt32(decision.label)
    probabilities = decision.probabilities
    if let converged = decision.converged { self.converged = converged }
    if let objective = decision.objective { self.objective = objective }
    switch decision.gate {
    case nil: gate = .unspecified
    case .passed: gate = .passed
    case .withheld: gate = .withheld
    case .overruled: gate = .overruled
    }
    if let certified = decision.certifiedAgents { certifiedAgents = UInt32(certified) }
  }
}

extension Verdict {
  /// The verdict that a message says.
  ///
  /// - Throws: ``WireError`` if an agent's name is none or comes twice, a missing agent has a residual or is suspect, the
  ///   label is none of the classes that have a probability, or more agents are certified than there are.
  public init(_ message: Copur_V1_Verdict) throws(WireError) {
    try SessionName.check(message.session, field: "Verdict.session")
    var contributed: [AgentID] = []
    var missing: [AgentID] = []
    var residuals: [Float?] = []
    var suspects: [Bool?] = []
    var seen = Set<AgentID>()
    for outcome in message.agents {
      let agent: AgentID
      do { agent = try AgentID(outcome.agent) } catch {
        throw WireError(field: "Verdict.agents", rule: "\(error)")
      }
      guard seen.insert(agent).inserted else {
        throw WireError(field: "Verdict.agents", rule: "an agent is named once (twice: \(agent))")
      }
      guard outcome.contributed || !(outcome.hasResidual || outcome.hasSuspect) else {
        throw WireError(field: "Verdict.agents", rule: "a missing agent has no residual and is not suspect (\(agent))")
      }
      if outcome.contributed { contributed.append(agent) } else { missing.append(agent) }
      residuals.append(outcome.hasResidual ? outcome.residual : nil)
      suspects.append(outcome.hasSuspect ? outcome.suspect : nil)
    }
    self.init(
      session: message.session, sample: message.sample, modelVersion: message.modelVersion, defense: message.defense,
      contributed: contributed, missing: missing,
      decision: message.hasDecision ? try Decision(message.decision, residuals: residuals, suspects: suspects) : nil,
      traceparent: message.hasTraceparent ? message.traceparent : nil)
  }
}

extension Decision {
  fileprivate init(
    _ message: Copur_V1_Decision, residuals: [Float?], suspects: [Bool?]
  ) throws(WireError) {
    let outcome: GateOutcome? =
      switch message.gate {
      case .passed: .passed
      case .withheld: .withheld
      case .overruled: .overruled
      // A later outcome than this program knows of says as little as none.
      case .unspecified, .UNRECOGNIZED: nil
      }
    guard message.certifiedAgents <= residuals.count else {
      throw WireError(
        field: "Decision.certified_agents",
        rule: "at most the number of agents (agents: \(residuals.count), actual: \(message.certifiedAgents))")
    }
    guard message.label < message.probabilities.count else {
      throw WireError(
        field: "Decision.label",
        rule: "one of the classes that have a probability (classes: \(message.probabilities.count), actual: "
          + "\(message.label))")
    }
    self.init(
      label: Int(message.label), probabilities: message.probabilities,
      residuals: residuals.contains { $0 != nil } ? residuals : nil,
      converged: message.hasConverged ? message.converged : nil,
      objective: message.hasObjective ? message.objective : nil,
      suspects: suspects.contains { $0 != nil } ? suspects.map { $0 ?? false } : nil, gate: outcome,
      certifiedAgents: message.hasCertifiedAgents ? Int(message.certifiedAgents) : nil)
  }
}
