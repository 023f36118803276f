/// The part of what a training's page shows that does not change while the training runs.
public struct TrainingModel: Hashable, Sendable {
  /// The training's name, such as its scenario's.
  public var name: String
  /// How it trains, in a few words: "synchronous, seed 0".
  public var kind: String
  /// The number of joint trainings.
  public var jointTrainings: Int
  /// How many passes over its rows each of them makes that has not begun.
  public var epochs: Int
  /// Whether training rows are held out, so that there is a score on them.
  public var holdsOut: Bool

  /// - Parameters:
  ///   - kind: How it trains, in a few words.
  ///   - jointTrainings: How many joint trainings there are.
  ///   - epochs: How many passes over its rows each of them makes.
  ///   - holdsOut: Whether training rows are held out, so that there is a score on them.
  public init(name: String, kind: String, jointTrainings: Int, epochs: Int, holdsOut: Bool) {
    self.name = name
    self.kind = kind
    self.jointTrainings = jointTrainings
    self.epochs = epochs
    self.holdsOut = holdsOut
  }
}
