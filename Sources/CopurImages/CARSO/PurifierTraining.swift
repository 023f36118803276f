public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The settings by which a purifier is trained: RAdam with Lookahead, and a learning rate and β that change in the
/// proportions of CARSO's table 14.
public struct PurifierTraining: Hashable, Sendable, Codable {
  /// Passes over the pictures.
  public var epochs: Int
  /// Pictures a step.
  public var batch: Int
  /// The learning rate of the plateau. The paper has 0.064 with batches of 5120, which is 0.0016 with 128.
  public var learningRate: Float
  /// The share of a batch that is attacked, from 0 to 1.
  public var attackedShare: Double
  /// The number of steps of PGD against the classifier, each 2.5/steps of ε long (the paper: 40 of 0.01 with ε = 8/255).
  public var attackSteps: Int
  /// β after its growth: the weight of the divergence.
  public var divergenceWeight: Float

  public init(
    epochs: Int = 10, batch: Int = 128, learningRate: Float = 0.0016, attackedShare: Double = 0.5,
    attackSteps: Int = 10, divergenceWeight: Float = 1
  ) {
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.attackedShare = attackedShare
    self.attackSteps = attackSteps
    self.divergenceWeight = divergenceWeight
  }

  /// The learning rate at a point of the training: from almost 0 over the first eighth, flat over the second, then down
  /// to 0.0068 of the plateau (table 14: 25, 25 and 150 of 200 epochs; 5e−9, 0.064 and 4.346e−4).
  ///
  /// - Parameter progress: From 0 to 1.
  public func learningRate(at progress: Double) -> Float {
    let (rise, flat, first, last) = (25.0 / 200, 50.0 / 200, 5e-9 / 0.064, 4.346e-4 / 0.064)
    let share =
      if progress < rise {
        first + (1 - first) * progress / rise
      } else if progress < flat {
        1.0
      } else {
        1 + (last - 1) * (min(1, progress) - flat) / (1 - flat)
      }
    return learningRate * Float(share)
  }

  /// β at a point of the training: 0 at first, then linear to its value (table 14: epochs 25 to 34 of 200).
  ///
  /// - Parameter progress: From 0 to 1.
  public func divergenceWeight(at progress: Double) -> Float {
    let (from, to) = (25.0 / 200, 34.0 / 200)
    return divergenceWeight * Float(min(1, max(0, (progress - from) / (to - from))))
  }

  /// Trains a purifier; the classifier stays as it is.
  ///
  /// - Parameters:
  ///   - purifier: To start from.
  ///   - classifier: Whose pre-activations it is for.
  ///   - pictures: Features from 0 to 1, with labels.
  ///   - radius: ε of the attacks on the classifier.
  ///   - seed: The order of pictures, attacks and codes follow from it.
  ///   - progress: Called after each epoch with its number, from 1, and the mean losses.
  /// - Returns: The purifier after the last step.
  /// - Throws: `CopurError` if a setting or the pictures break a rule, `NumericsError` if the loss stops being finite,
  ///   `CancellationError` if the task is cancelled.
  public func train(
    _ purifier: Purifier, for classifier: PictureClassifier, on pictures: LabelledRows, radius: Float, seed: UInt64,
    progress: (Int, Purifier.Losses) -> Void = { _, _ in }
  ) throws -> Purifier {
    try PictureRows.check(pictures, shape: classifier.shape, classes: classifier.classes, radius: radius)
    let batch = try balancedBatch(pictures: pictures.labels.count)
    var purifier = purifier
    var optimizers = purifier.networks.map { _ in Optimizer(.radam(), learningRate: learningRate) }
    var lookaheads = purifier.networks.map { Lookahead($0) }
    var batches = PictureBatches(
      rows: pictures.labels.count, batch: batch.size, epochs: epochs, seed: seed, purpose: "training of a purifier")
    var losses = Purifier.Losses(reconstruction: 0, divergence: 0)
    var steps = 0
    try batches.run { epoch, _ in
      losses.reconstruction /= Double(steps)
      losses.divergence /= Double(steps)
      progress(epoch, losses)
      (losses, steps) = (Purifier.Losses(reconstruction: 0, divergence: 0), 0)
    } step: { rows, place in
      let clean = pictures.features.selecting(rows: rows)
      let seen = try batch.attack(
        clean, labels: rows.map { pictures.labels[$0] }, radius: radius, steps: attackSteps, on: classifier,
        seed: place.seed)
      let weight = divergenceWeight(at: place.progress)
      let step = purifier.lossGradient(
        clean: clean, seen: seen, outputs: classifier.network.trace(seen).outputs, divergenceWeight: weight,
        seed: place.seed)
      for index in optimizers.indices {
        optimizers[index].learningRate = learningRate(at: place.progress)
        purifier.networks[index].update(by: step.gradients[index], with: &optimizers[index])
        try lookaheads[index].stepped(&purifier.networks[index])
      }
      losses.reconstruction += step.losses.reconstruction
      losses.divergence += step.losses.divergence
      steps += 1
      return Float(step.losses.reconstruction) + weight * Float(step.losses.divergence)
    }
    return purifier
  }

  /// The number of pictures of a batch for each attack.
  ///
  /// - Parameter pictures: How many pictures there are to train on.
  /// - Throws: `CopurError` if a setting breaks its rule.
  public func balancedBatch(pictures: Int) throws -> BalancedBatch {
    guard epochs >= 1, batch >= 4, pictures >= 4, learningRate > 0, learningRate.isFinite,
      (0...1).contains(attackedShare), attackSteps >= 1, divergenceWeight >= 0, divergenceWeight.isFinite
    else {
      throw CopurError(
        .invalidArgument,
        "a purifier's training has an epoch or more, batches of 4 or more of as many pictures, a learning rate over 0, "
          + "an attacked share from 0 to 1, attack steps from 1, a divergence weight of 0 or more (actual: \(epochs), "
          + "\(batch) of \(pictures), \(learningRate), \(attackedShare), \(attackSteps), \(divergenceWeight))")
    }
    return BalancedBatch(size: min(batch, pictures), share: attackedShare)
  }
}
