internal import CopurCore

/// Writes the agents' part of a verdict: field 5 of `Copur_V1_Verdict`, an agent each in the model's order.
struct AgentOutcomes {
  private let agents: [AgentID]
  /// Of each agent that missed the round, all of its field.
  private let missing: [[UInt8]]
  /// Of each agent that contributed, what comes before residual and suspicion.
  private let contributed: [[UInt8]]
  /// The fields of a round that nobody missed and that has every residual and suspicion, these with zeros.
  private let complete: [UInt8]
  /// The place of each agent's residual in `complete`; its suspicion follows after ``suspectOffset``.
  private let residualPlaces: [Int]

  /// The bytes from a residual to the suspicion behind it, which has a byte for its number.
  private static let suspectOffset = 5
  private static let residualBytes = 5
  private static let suspectBytes = 2

  init(_ agents: [AgentID]) {
    self.agents = agents
    let fields = agents.map { agent in
      var fields: [UInt8] = []
      fields.append(field: 1, agent.name)
      return fields
    }
    missing = fields.map { agent in
      var field: [UInt8] = []
      field.append(field: 5, bytes: agent)
      return field
    }
    contributed = fields.map { $0 + [2 << 3, 1] }
    var (complete, places) = ([UInt8](), [Int]())
    for agent in contributed {
      Self.begin(agent, trailing: Self.residualBytes + Self.suspectBytes, in: &complete)
      places.append(complete.count + 1)
      complete.append(field: 3, Float(0))
      complete.append(field: 4, false)
    }
    (self.complete, residualPlaces) = (complete, places)
  }

  /// Begins a field of an agent that contributed.
  private static func begin(_ agent: [UInt8], trailing: Int, in body: inout [UInt8]) {
    body.append(5 << 3 | 2)
    body.append(varint: UInt64(agent.count + trailing))
    body += agent
  }

  /// Appends the outcome of every agent.
  ///
  /// - Parameters:
  ///   - speakers: Those that contributed, in the model's order.
  ///   - residuals: One an agent; nil: there are none.
  ///   - suspects: One an agent; nil: it is not known.
  func append(of speakers: [AgentID], residuals: [Float?]?, suspects: [Bool]?, to body: inout [UInt8]) {
    let areAll = speakers.count == agents.count
    if areAll, let residuals, let suspects, appendComplete(residuals, suspects, to: &body) { return }
    // Both lists are in the model's order, so one walk over them is enough.
    var speaker = 0
    for index in agents.indices {
      guard areAll || speaker < speakers.count && speakers[speaker] == agents[index] else {
        body += missing[index]
        continue
      }
      speaker += 1
      let (residual, suspect) = (residuals?[index], suspects?[index])
      Self.begin(
        contributed[index],
        trailing: (residual == nil ? 0 : Self.residualBytes) + (suspect == nil ? 0 : Self.suspectBytes), in: &body)
      if let residual { body.append(field: 3, residual) }
      if let suspect { body.append(field: 4, suspect) }
    }
  }

  /// Appends the message of a round where everything is there: its fields are always the same but for their values.
  ///
  /// - Returns: Whether it is.
  private func appendComplete(_ residuals: [Float?], _ suspects: [Bool], to body: inout [UInt8]) -> Bool {
    guard residuals.allSatisfy({ $0 != nil }) else { return false }
    let start = body.count
    body += complete
    body.withUnsafeMutableBytes { body in
      for index in residualPlaces.indices {
        let place = start + residualPlaces[index]
        body.storeBytes(of: (residuals[index] ?? 0).bitPattern.littleEndian, toByteOffset: place, as: UInt32.self)
        body[place + Self.suspectOffset] = suspects[index] ? 1 : 0
      }
    }
    return true
  }
}
