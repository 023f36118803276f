internal import CopurCore

extension CARSOStudy {
  /// The settings by which a study trains and attacks.
  public struct Settings: Hashable, Sendable, Codable {
    /// ε, the largest change of a value, of all trainings and attacks.
    public var radius: Float
    /// The widths of the classifier.
    public var classifier = PictureClassifier.Widths()
    /// The settings of the classifier's training.
    public var classifierTraining = PictureClassifier.Training()
    /// The widths of the purifier.
    public var purifier = Purifier.Widths()
    /// The settings of the purifier's training.
    public var purifierTraining = PurifierTraining()
    /// The number of pictures that are drawn for a prediction.
    public var draws = 8
    /// The number of training pictures that are used, where there are as many.
    public var trainPictures = 20_000
    /// The number of test pictures that are attacked, where there are as many.
    public var testPictures = 200
    /// The settings of the attacks.
    public var attacks = Attacks()

    /// - Parameter radius: ε, over 0, at most 1.
    public init(radius: Float) { self.radius = radius }

    /// Fashion-MNIST with ε = 8/255.
    public static let fashionMNIST = Settings(radius: 8 / 255)

    /// MNIST with ε = 0.3, which grows over the first half of the classifier's training.
    public static var mnist: Settings {
      var settings = Settings(radius: 0.3)
      settings.classifierTraining.growth = 0.5
      return settings
    }

    /// Sizes that run in a second or two, to try whether it runs; figures mean nothing.
    ///
    /// - Parameter radius: ε, over 0, at most 1.
    public static func tiny(radius: Float) -> Settings {
      var settings = Settings(radius: radius)
      settings.classifier = PictureClassifier.Widths(channels: [4, 6], hidden: [8])
      settings.classifierTraining = PictureClassifier.Training(epochs: 2, batch: 16, learningRate: 3e-3, attackSteps: 2)
      settings.purifier = Purifier.Widths(
        inputChannels: [2, 3], halvings: 1, representation: 8, code: 4, decoderChannels: [6, 4])
      settings.purifierTraining = PurifierTraining(epochs: 2, batch: 16, learningRate: 3e-3, attackSteps: 2)
      (settings.draws, settings.trainPictures, settings.testPictures) = (2, 64, 8)
      settings.attacks = Attacks(
        steps: 3, autoSteps: 5, starts: 1, passes: 1, queries: 5, referenceSteps: 2, reevaluations: 3)
      return settings
    }

    /// - Throws: `CopurError` if a value breaks its rule.
    func check() throws {
      guard radius > 0, radius <= 1 else {
        throw CopurError(.invalidArgument, "the radius of a study is over 0, at most 1 (actual: \(radius))")
      }
      guard draws >= 1, trainPictures >= 4, testPictures >= 1 else {
        throw CopurError(
          .invalidArgument,
          "a study has a draw or more, 4 training pictures or more, a test picture or more (actual: \(draws), "
            + "\(trainPictures), \(testPictures))")
      }
      let counts = [
        attacks.steps, attacks.autoSteps, attacks.starts, attacks.passes, attacks.queries, attacks.referenceSteps,
        attacks.reevaluations,
      ]
      guard counts.allSatisfy({ $0 >= 1 }) else {
        throw CopurError(
          .invalidArgument, "steps, starts, passes and queries of attacks are 1 or more (actual: \(counts))")
      }
      if let check = attacks.checkRadius, !(check > 0 && check <= 1) {
        throw CopurError(.invalidArgument, "the radius of the check is over 0, at most 1 (actual: \(check))")
      }
    }
  }

  /// The settings of the attacks.
  public struct Attacks: Hashable, Sendable, Codable {
    /// The steps of PGD.
    public var steps: Int
    /// The steps of APGD.
    public var autoSteps: Int
    /// The starts of PGD and APGD on the classifier alone; on the pipeline they have one.
    public var starts: Int
    /// The number of predictions whose draws a step takes of each picture.
    public var passes: Int
    /// The queries of the Square attack.
    public var queries: Int
    /// The steps of the attacks through the reference code's aggregation, which do not move.
    public var referenceSteps: Int
    /// The number of predictions that judge an attacked picture.
    public var reevaluations: Int
    /// ε of the check that an attack without a real limit leaves nothing right, as in CARSO's table 3; nil for none.
    public var checkRadius: Float?

    public init(
      steps: Int = 40, autoSteps: Int = 100, starts: Int = 2, passes: Int = 1, queries: Int = 500,
      referenceSteps: Int = 20, reevaluations: Int = 10, checkRadius: Float? = 0.95
    ) {
      self.steps = steps
      self.autoSteps = autoSteps
      self.starts = starts
      self.passes = passes
      self.queries = queries
      self.referenceSteps = referenceSteps
      self.reevaluations = reevaluations
      self.checkRadius = checkRadius
    }
  }
}
