internal import CopurTraining

/// How fast a training goes, and how long the rest of it will take if it goes on like that.
struct TrainingPace {
  /// How long the pace has to be known before it says anything, in seconds.
  private static let patience = 1.0

  private var seconds = 0.0
  /// The time in which some joint training was under way, and the epochs that ended in it.
  private var trained = (seconds: 0.0, epochs: 0)
  private var epochs: Int?
  private var isTraining = false
  /// The work while no joint training runs: its name, when it began, and its progress then and now.
  private var stage: (name: String, seconds: Double, first: Int, completed: Int, total: Int)?

  /// The training was looked at.
  ///
  /// - Parameters:
  ///   - seconds: Since the beginning.
  ///   - epochs: How many are over; nil before the first joint training.
  ///   - isTraining: Whether some joint training is under way.
  ///   - stage: What was reported last.
  mutating func looked(at seconds: Double, epochs: Int?, isTraining: Bool, stage progress: TrainingProgress?) {
    if let epochs, let before = self.epochs {
      if self.isTraining { trained.seconds += seconds - self.seconds }
      trained.epochs += epochs - before
    }
    self.epochs = epochs ?? self.epochs
    (self.seconds, self.isTraining) = (seconds, isTraining)
    guard let progress, !isTraining else {
      stage = nil
      return
    }
    if stage?.name != progress.stage {
      stage = (progress.stage, seconds, progress.completed, progress.completed, progress.total)
    }
    stage?.completed = progress.completed
  }

  /// Seconds that so many epochs will take, and what is being done before them; nil before that is known.
  func left(epochs: Int) -> Double? {
    guard trained.seconds >= Self.patience, trained.epochs > 0 else { return nil }
    let training = trained.seconds / Double(trained.epochs) * Double(epochs)
    guard let stage, stage.completed > stage.first else { return training }
    return training
      + (seconds - stage.seconds) / Double(stage.completed - stage.first) * Double(stage.total - stage.completed)
  }
}
