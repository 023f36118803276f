public import CopurCore

/// A block on its way to the fusion center, or the word that there is none.
public struct OutgoingBlock: Hashable, Sendable {
  /// The sample that it is of.
  public var sample: UInt64
  /// The values to send; none if the agent has no reading of the sample, and says so.
  public var values: ArraySlice<Float>

  /// - Parameter values: h_i, as many as the agent's embedding is wide; none for a sample without a reading.
  public init(sample: UInt64, values: ArraySlice<Float>) {
    self.sample = sample
    self.values = values
  }

  /// The word that the agent has no reading of a sample, so that no round waits for it.
  public static func silence(of sample: UInt64) -> OutgoingBlock { OutgoingBlock(sample: sample, values: []) }
}

/// Something that brings blocks to the fusion center.
public protocol BlockSender: Sendable {
  /// The agent in whose name it sends.
  var id: AgentID { get }
  /// The width of that agent's block.
  var width: Int { get }

  /// Sends blocks, and waits until each has its receipt.
  ///
  /// - Parameters:
  ///   - blocks: The blocks, sent in this order and as they are: judging them is the fusion center's business.
  ///   - session: The session.
  ///   - samplesPerMessage: How many samples a message holds, at least 1.
  /// - Returns: How many had which outcome.
  /// - Throws: ``CopurError`` of code `.unavailable` if the sender stops before every receipt has come.
  func send(_ blocks: [OutgoingBlock], session: String, samplesPerMessage: Int) async throws -> ReceiptTally
}
