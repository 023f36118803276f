public import CopurCore

/// Who an agent is, and how it keeps its connection.
public struct AgentConfiguration: Sendable {
  /// Its name.
  public var id: AgentID
  /// The width of its embeddings.
  public var width: Int
  /// The version of the model that its extractor belongs to.
  public var modelVersion: String
  /// The most blocks without a receipt, at least 1.
  public var window = 256
  /// The waits before it connects again.
  public var backoff = Backoff.Settings()
  /// The time that it waits for outstanding receipts when it is told to stop.
  public var stopTimeout: Duration = .seconds(5)
  /// The time for which one side may refuse the other's certificate until the agent ends: certificates of both may be about
  /// to change.
  public var certificatePatience: Duration = .seconds(30)
  /// The seed from which, with its name, the jitter of its waits follows.
  public var seed: UInt64 = 0

  /// An agent with the default window, waits and seed.
  public init(id: AgentID, width: Int, modelVersion: String) {
    self.id = id
    self.width = width
    self.modelVersion = modelVersion
  }
}
