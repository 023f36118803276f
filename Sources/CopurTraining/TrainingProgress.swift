/// The progress of a training.
public struct TrainingProgress: Hashable, Sendable, Codable {
  /// Called as work goes on.
  public typealias Report = @Sendable (TrainingProgress) -> Void

  /// The stage that is being trained.
  public var stage: String
  /// Steps done.
  public var completed: Int
  /// Steps in all.
  public var total: Int
  /// The mean loss of the last epoch; nil where there is none.
  public var loss: Float?
  /// The balanced accuracy without a defence on training rows that were held out, from 0 to 1, where it was computed.
  public var heldOutScore: Float?
  /// The bytes that went between fusion center and agents until now; nil in one process.
  public var traffic: Traffic?

  /// Bytes between a fusion center and its agents.
  public struct Traffic: Hashable, Sendable, Codable {
    /// Bytes that agents sent.
    public var received: Int
    /// Bytes that the fusion center sent.
    public var sent: Int

    /// - Parameters:
    ///   - received: Bytes that agents sent.
    ///   - sent: Bytes that the fusion center sent.
    public init(received: Int = 0, sent: Int = 0) {
      self.received = received
      self.sent = sent
    }

    /// Both together.
    public static func + (left: Traffic, right: Traffic) -> Traffic {
      Traffic(received: left.received + right.received, sent: left.sent + right.sent)
    }
  }

  /// - Parameters:
  ///   - loss: The mean loss of the last epoch; nil where there is none.
  ///   - heldOutScore: The balanced accuracy without a defence on training rows that were held out, where it was computed.
  public init(stage: String, completed: Int, total: Int, loss: Float? = nil, heldOutScore: Float? = nil) {
    self.stage = stage
    self.completed = completed
    self.total = total
    self.loss = loss
    self.heldOutScore = heldOutScore
  }
}
