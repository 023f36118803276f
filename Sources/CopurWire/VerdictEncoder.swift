public import CopurCore

/// Writes verdicts as the bytes of a message that holds them, WatchResponse or PredictResponse, without a message object
/// for each verdict and agent.
///
/// The bytes are those that ``Copur_V1_Verdict`` has in such a message: fields in the order of their numbers, defaults
/// left out.
public struct VerdictEncoder: Sendable {
  private let roster: AgentRoster
  private let quorum: Int
  /// Of each agent, the fields of its outcome that do not depend on the round.
  private let agents: [Agent]

  private struct Agent {
    let missing: [UInt8]
    let contributed: [UInt8]
  }

  /// - Parameters:
  ///   - roster: The expected agents, the verdicts' all among them.
  ///   - quorum: The fewest blocks that give a decision, for the reason why there is none.
  public init(roster: AgentRoster, quorum: Int) {
    self.roster = roster
    self.quorum = quorum
    agents = roster.agents.map { agent in
      var fields: [UInt8] = []
      fields.append(field: 1, agent.name)
      return Agent(missing: fields, contributed: fields + [2 << 3, 1])
    }
  }

  /// A message with verdicts and nothing else.
  ///
  /// - Parameter field: The number of the message's field of verdicts, 1 to 15.
  public func message(of verdicts: some Collection<Verdict>, field: UInt8) -> [UInt8] {
    var message: [UInt8] = []
    message.reserveCapacity(verdicts.count * (128 + 24 * agents.count))
    var (body, decision) = ([UInt8](), [UInt8]())
    for verdict in verdicts {
      body.removeAll(keepingCapacity: true)
      append(verdict, to: &body, &decision)
      message.append(field: field, bytes: body)
    }
    return message
  }

  /// - Parameter scratch: Storage for the fields of the decision.
  private func append(_ verdict: Verdict, to body: inout [UInt8], _ scratch: inout [UInt8]) {
    body.append(field: 1, verdict.session)
    body.append(field: 2, verdict.sample)
    body.append(field: 3, verdict.modelVersion)
    body.append(field: 4, verdict.defense)
    let decision = verdict.decision
    // Both lists are in the model's order, so one walk over them is enough, and none if they are as long.
    let areAll = verdict.contributed.count == agents.count
    var speaker = 0
    for (index, agent) in agents.enumerated() {
      guard areAll || speaker < verdict.contributed.count && verdict.contributed[speaker] == roster.agents[index] else {
        body.append(field: 5, bytes: agent.missing)
        continue
      }
      speaker += 1
      let (residual, suspect) = (decision?.residuals?[index], decision?.suspects?[index])
      body.append(5 << 3 | 2)
      body.append(varint: UInt64(agent.contributed.count + (residual == nil ? 0 : 5) + (suspect == nil ? 0 : 2)))
      body += agent.contributed
      if let residual { body.append(field: 3, residual) }
      if let suspect { body.append(field: 4, suspect) }
    }
    if let decision {
      scratch.removeAll(keepingCapacity: true)
      append(decision, to: &scratch)
      body.append(field: 6, bytes: scratch)
    } else {
      body.append(field: 7, Self.noDecisionReason(verdict, roster: roster, quorum: quorum))
    }
    if let traceparent = verdict.traceparent { body.append(field: 8, bytes: Array(traceparent.utf8)) }
  }

  private func append(_ decision: Decision, to body: inout [UInt8]) {
    body.append(field: 1, UInt64(decision.label))
    if !decision.probabilities.isEmpty {
      body.append(2 << 3 | 2)
      body.append(varint: UInt64(4 * decision.probabilities.count))
      for probability in decision.probabilities { body.append(float: probability) }
    }
    if let converged = decision.converged { body.append(field: 3, converged) }
    if let objective = decision.objective { body.append(field: 4, objective) }
    body.append(field: 5, UInt64(GateOutcome.number(decision.gate)))
    if let certified = decision.certifiedAgents {
      body.append(6 << 3)
      body.append(varint: UInt64(certified))
    }
  }

  /// Why a round has no decision.
  static func noDecisionReason(_ verdict: Verdict, roster: AgentRoster, quorum: Int) -> String {
    "quorum: at least \(quorum) of \(roster.count) blocks (actual: \(verdict.contributed.count))"
  }
}

extension GateOutcome {
  /// The number in the protocol; 0 for none.
  fileprivate static func number(_ outcome: GateOutcome?) -> Int {
    let message: Copur_V1_GateOutcome =
      switch outcome {
      case nil: .unspecified
      case .passed: .passed
      case .withheld: .withheld
      case .overruled: .overruled
      }
    return message.rawValue
  }
}

/// Fields as Protobuf writes them; those of a value without presence are left out where it is the default.
extension [UInt8] {
  fileprivate mutating func append(varint value: UInt64) {
    var value = value
    while value >= 0x80 {
      append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    append(UInt8(value))
  }

  fileprivate mutating func append(float value: Float) {
    Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    append(field << 3)
    append(varint: value)
  }

  fileprivate mutating func append(field: UInt8, _ value: Bool) {
    append(field << 3)
    append(value ? 1 : 0)
  }

  fileprivate mutating func append(field: UInt8, _ value: Float) {
    append(field << 3 | 5)
    append(float: value)
  }

  fileprivate mutating func append(field: UInt8, _ text: String) {
    guard !text.isEmpty else { return }
    append(field << 3 | 2)
    append(varint: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  /// Also where there are none.
  fileprivate mutating func append(field: UInt8, bytes: [UInt8]) {
    append(field << 3 | 2)
    append(varint: UInt64(bytes.count))
    self += bytes
  }
}
