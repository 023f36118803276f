public import CopurCore

/// One agent's blocks of a message, checked: each is as wide as it must be and finite, or has the reason why not.
public struct BlockBatch: Sendable {
  /// The session; checked.
  public let session: String
  /// The samples, in the order of their blocks.
  public let samples: [UInt64]
  /// The samples of which the agent has no reading; without a block.
  public let silent: [UInt64]
  /// The number of floats of a block.
  public let width: Int
  /// The blocks, row-major; without meaning for a block that has a refusal.
  public let values: [Float]
  /// Why a block is refused, a sample each (nil: it is not); empty if none is.
  public let refusals: [String?]

  /// Checks a message; nothing in it makes this trap or take more memory than the message did.
  ///
  /// - Parameters:
  ///   - message: One that names at least one sample, with a block or as silent.
  ///   - agent: The agent that sent it, for the reasons.
  ///   - width: How wide that agent's block is.
  ///   - maximumSamples: The most samples that a message may hold.
  /// - Throws: ``WireError`` if the session's name is none or there are too many samples: faults of the message as a
  ///   whole, for which no receipt can be written.
  public init(_ message: Copur_V1_ContributeRequest, agent: AgentID, width: Int, maximumSamples: Int) throws(WireError)
  {
    try SessionName.check(message.session, field: "ContributeRequest.session")
    let count = message.samples.count + message.silent.count
    guard count <= maximumSamples else {
      throw WireError(
        field: "ContributeRequest.samples",
        rule: "too many samples in a message (max: \(maximumSamples), actual: \(count))",
        isLimit: true)
    }
    session = message.session
    samples = message.samples
    silent = message.silent
    values = message.values
    self.width = width

    let (expected, overflow) = samples.count.multipliedReportingOverflow(by: width)
    guard !overflow, values.count == expected else {
      let reason =
        "agent \(agent): a block is \(width) wide (samples: \(samples.count), values: \(values.count) "
        + "instead of \(expected))"
      refusals = [String?](repeating: reason, count: samples.count)
      return
    }
    refusals = Self.allFinite(values) ? [] : Self.refusals(samples, values, width, agent)
  }

  /// The block at a position.
  @inlinable
  public subscript(position: Int) -> ArraySlice<Float> { values[position * width..<(position + 1) * width] }

  /// Whether no value is NaN or infinite: the largest exponent decides, without a branch a value.
  private static func allFinite(_ values: [Float]) -> Bool {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7F80_0000) }
    return largest != 0x7F80_0000
  }

  private static func refusals(_ samples: [UInt64], _ values: [Float], _ width: Int, _ agent: AgentID) -> [String?] {
    samples.indices.map { position in
      let block = values[position * width..<(position + 1) * width]
      guard let index = block.firstIndex(where: { !$0.isFinite }) else { return nil }
      return "agent \(agent): every value is finite (sample \(samples[position]), value \(index - block.startIndex): "
        + "\(block[index]))"
    }
  }
}
