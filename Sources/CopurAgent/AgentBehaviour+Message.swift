package import CopurWire

extension AgentBehaviour {
  /// The behaviour that a message tells.
  ///
  /// - Parameters:
  ///   - before: What the agent was told before in this session; values may be added to it.
  ///   - width: How wide the agent's block is.
  /// - Throws: ``WireError`` if no behaviour is named, an amplification is no factor, or values and samples do not
  ///   match.
  package init(_ message: Copur_V1_CompromiseRequest, before: AgentBehaviour?, width: Int) throws(WireError) {
    switch message.behaviour {
    case .honest: self = .honest
    case .silent: self = .silent
    case .flip(let flip):
      guard flip.amplification.isFinite, flip.amplification >= 0 else {
        throw WireError(
          field: "CompromiseRequest.flip.amplification", rule: "finite, at least 0 (actual: \(flip.amplification))")
      }
      self = .flip(amplification: flip.amplification)
    case .values(let told):
      var values: [UInt64: ArraySlice<Float>] = [:]
      if told.extend, case .values(let known)? = before { values = known }
      try Self.read(told, width: width, into: &values)
      self = .values(values)
    case nil:
      throw WireError(field: "CompromiseRequest.behaviour", rule: "one of honest, silent, flip, values (actual: none)")
    }
  }

  private static func read(
    _ told: Copur_V1_CompromiseRequest.Values, width: Int, into values: inout [UInt64: ArraySlice<Float>]
  ) throws(WireError) {
    let (expected, overflow) = told.samples.count.multipliedReportingOverflow(by: width)
    guard !overflow, told.values.count == expected else {
      throw WireError(
        field: "CompromiseRequest.values.values",
        rule: "a block is \(width) wide (samples: \(told.samples.count), values: \(told.values.count) instead of "
          + "\(expected))")
    }
    var seen = Set<UInt64>(minimumCapacity: told.samples.count)
    for (position, sample) in told.samples.enumerated() {
      guard seen.insert(sample).inserted else {
        throw WireError(
          field: "CompromiseRequest.values.samples", rule: "a sample is named once (twice: \(sample))")
      }
      values[sample] = told.values[position * width..<(position + 1) * width]
    }
  }
}
