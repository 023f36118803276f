/// The mean loss of a training by epochs.
public struct TrainingCurve: Hashable, Sendable, Codable {
  /// The loss after an epoch.
  public struct Point: Hashable, Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The mean loss of that epoch.
    public var loss: Float

    /// - Parameter epoch: From 1.
    public init(epoch: Int, loss: Float) {
      self.epoch = epoch
      self.loss = loss
    }
  }

  /// The stage of the training, such as "extractors and fusion model".
  public var stage: String
  /// The number of epochs of the training.
  public var epochs: Int
  /// The losses; of a long training every so-manieth, and the last.
  public var points: [Point]

  /// The most points that are kept.
  public static let limit = 200

  /// - Parameters:
  ///   - stage: What was trained.
  ///   - epochs: How many epochs the training has.
  ///   - points: The losses, at most one an epoch, in their order.
  public init(stage: String, epochs: Int, points: [Point]) {
    self.stage = stage
    self.epochs = epochs
    let every = max(1, (points.count + Self.limit - 1) / Self.limit)
    self.points = points.enumerated().filter { $0.offset % every == 0 || $0.offset == points.count - 1 }.map(\.element)
  }
}

/// A point as `[epoch, loss]`.
extension TrainingCurve.Point: Codable {
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    self.init(epoch: try container.decode(Int.self), loss: try container.decode(Float.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(epoch)
    try container.encode(loss)
  }
}
