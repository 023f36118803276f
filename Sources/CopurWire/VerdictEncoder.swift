public import CopurCore

/// Writes verdicts as the bytes of a message that holds them, WatchResponse or PredictResponse, without a message object
/// for each verdict and agent.
///
/// The bytes are those that ``Copur_V1_Verdict`` has in such a message: fields in the order of their numbers, defaults
/// left out.
public struct VerdictEncoder: Sendable {
  private let roster: AgentRoster
  private let quorum: Int
  private let outcomes: AgentOutcomes

  /// - Parameters:
  ///   - roster: The expected agents, the verdicts' all among them.
  ///   - quorum: The fewest blocks that give a decision, for the reason why there is none.
  public init(roster: AgentRoster, quorum: Int) {
    self.roster = roster
    self.quorum = quorum
    outcomes = AgentOutcomes(roster.agents)
  }

  /// A message with verdicts and nothing else.
  ///
  /// - Parameter field: The number of the message's field of verdicts, 1 to 15.
  public func message(of verdicts: [Verdict], field: UInt8) -> [UInt8] {
    messages(of: [verdicts[...]], field: field, atMost: max(1, verdicts.count)).first ?? []
  }

  /// Messages with verdicts and nothing else.
  ///
  /// - Parameters:
  ///   - field: The number of the messages' field of verdicts, 1 to 15.
  ///   - limit: The most verdicts a message, at least 1.
  public func messages(of verdicts: [ArraySlice<Verdict>], field: UInt8, atMost limit: Int) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var (message, count) = ([UInt8](), 0)
    var (body, decision) = ([UInt8](), [UInt8]())
    for verdicts in verdicts {
      // By their places, so that a verdict is not copied with all its lists.
      for index in verdicts.indices {
        if count == 0 { message.reserveCapacity(min(limit, verdicts.endIndex - index) * (128 + 24 * roster.count)) }
        body.removeAll(keepingCapacity: true)
        append(verdicts[index], to: &body, &decision)
        message.append(field: field, bytes: body)
        count += 1
        if count == limit {
          messages.append(message)
          (message, count) = ([], 0)
        }
      }
    }
    if count > 0 { messages.append(message) }
    return messages
  }

  /// - Parameter scratch: Storage for the fields of the decision.
  private func append(_ verdict: Verdict, to body: inout [UInt8], _ scratch: inout [UInt8]) {
    body.append(field: 1, verdict.session)
    body.append(field: 2, verdict.sample)
    body.append(field: 3, verdict.modelVersion)
    body.append(field: 4, verdict.defense)
    outcomes.append(
      of: verdict.contributed, residuals: verdict.decision?.residuals, suspects: verdict.decision?.suspects, to: &body)
    if let decision = verdict.decision {
      scratch.removeAll(keepingCapacity: true)
      append(decision, to: &scratch)
      body.append(field: 6, bytes: scratch)
    } else {
      body.append(
        field: 7, Self.noDecisionReason(contributed: verdict.contributed.count, roster: roster, quorum: quorum))
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
  ///
  /// - Parameter contributed: How many blocks it had.
  static func noDecisionReason(contributed: Int, roster: AgentRoster, quorum: Int) -> String {
    "quorum: at least \(quorum) of \(roster.count) blocks (actual: \(contributed))"
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
