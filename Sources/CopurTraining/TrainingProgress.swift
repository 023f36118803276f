/// How far a training is.
public struct TrainingProgress: Hashable, Sendable, Codable {
  /// Called as work goes on.
  public typealias Report = @Sendable (TrainingProgress) -> Void

  /// What is being trained.
  public var stage: String
  /// Steps done.
  public var completed: Int
  /// Steps in all.
  public var total: Int
  /// The mean loss of the last epoch; nil where there is none.
  public var loss: Float?

  /// - Parameter loss: The mean loss of the last epoch; nil where there is none.
  public init(stage: String, completed: Int, total: Int, loss: Float? = nil) {
    self.stage = stage
    self.completed = completed
    self.total = total
    self.loss = loss
  }
}
