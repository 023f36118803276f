extension CARSOStudy {
  /// Who is attacked.
  public enum Victim: String, Hashable, Sendable, Codable, CaseIterable {
    /// The classifier alone.
    case classifier
    /// CARSO: classifier, purifier, classifier.
    case pipeline = "CARSO"
  }

  /// A victim under an attack.
  public struct Row: Hashable, Sendable, Codable {
    /// Who is attacked.
    public var victim: Victim
    /// How, in words.
    public var attack: String
    /// ε.
    public var radius: Float
    /// The accuracy afterwards.
    public var figures: Reevaluation.Figures
    /// The number of pictures that the attack has moved; nil where it is not an attack of its own.
    public var moved: Int?
    /// Whether it is an attack that has moved no picture: its figures say nothing about the victim.
    public var isBroken: Bool { moved == 0 }
    /// The largest change of a value; nil where it is not an attack of its own.
    public var largestChange: Float?
    /// Whether it counts for the row of the worst, which has ε of the study.
    public var isJudged: Bool

    public init(
      victim: Victim, attack: String, radius: Float, figures: Reevaluation.Figures, moved: Int?, largestChange: Float?,
      isJudged: Bool
    ) {
      self.victim = victim
      self.attack = attack
      self.radius = radius
      self.figures = figures
      self.moved = moved
      self.largestChange = largestChange
      self.isJudged = isJudged
    }
  }

  /// The findings of a study.
  public struct Result: Hashable, Sendable, Codable {
    /// The settings of training and attacks.
    public var settings: Settings
    /// The seed that everything random followed from.
    public var seed: UInt64
    /// The number of pictures that were trained on.
    public var trainPictures: Int
    /// The number of pictures that were attacked.
    public var testPictures: Int
    /// The number of pictures of each of the purifier's batches that were attacked by each attack, in the order of
    /// ``BalancedBatch/Part``'s cases.
    public var attackedInBatch: [Int]
    /// The purifier's losses on the test pictures as they are. With a divergence near 0 its draws are alike.
    public var losses: Purifier.Losses
    /// Each victim under each attack; of each victim the first is without an attack, the last the worst of all by
    /// picture.
    public var rows: [Row]

    public init(
      settings: Settings, seed: UInt64, trainPictures: Int, testPictures: Int, attackedInBatch: [Int],
      losses: Purifier.Losses, rows: [Row]
    ) {
      self.settings = settings
      self.seed = seed
      self.trainPictures = trainPictures
      self.testPictures = testPictures
      self.attackedInBatch = attackedInBatch
      self.losses = losses
      self.rows = rows
    }

    /// The row of a victim without an attack; nil in a result of other making.
    public func clean(_ victim: Victim) -> Row? { rows.first { $0.victim == victim } }

    /// The row of the worst of all attacks on a victim, by picture; nil in a result of other making.
    public func worst(_ victim: Victim) -> Row? { rows.last { $0.victim == victim } }
  }

  /// A step of a study that is done.
  public enum Progress: Hashable, Sendable {
    /// An epoch of the classifier's training, from 1, with the mean loss of moved pictures.
    case classifier(epoch: Int, loss: Float)
    /// An epoch of the purifier's training, from 1, with its mean losses.
    case purifier(epoch: Int, losses: Purifier.Losses)
    /// A victim under an attack.
    case row(Row)
  }
}
