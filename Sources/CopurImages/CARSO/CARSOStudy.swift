public import CopurCore
public import CopurLearning
internal import CopurNumerics

/// CARSO beside its classifier alone, both under attacks through everything they do with objectives that stay finite.
///
/// Nothing is chosen by test pictures: settings are given, and all attacks are reported.
public enum CARSOStudy {
  /// Trains a classifier and a purifier, and attacks them on test pictures.
  ///
  /// - Parameters:
  ///   - train: Pictures from 0 to 1, with labels.
  ///   - test: The same, not of those to train on.
  ///   - shape: The pictures' extents, multiples of 4 with the widths of the defaults.
  ///   - classes: At least 2.
  ///   - seed: Which pictures are used, first weights, batches, attacks and draws follow from it.
  ///   - progress: Called after each epoch and each attack.
  /// - Throws: `CopurError` if a setting or the pictures break a rule, `ArchitectureError` if a network cannot be,
  ///   `NumericsError` if a training's loss stops being finite, `CancellationError` if the task is cancelled.
  public static func run(
    train: LabelledRows, test: LabelledRows, shape: ImageShape, classes: Int, settings: Settings, seed: UInt64,
    progress: (Progress) -> Void = { _ in }
  ) throws -> Result {
    try settings.check()
    try PictureRows.check(train, shape: shape, classes: classes, radius: settings.radius)
    try PictureRows.check(test, shape: shape, classes: classes, radius: settings.radius)
    let (train, _) = choose(settings.trainPictures, of: train, seed: seed, purpose: "training pictures of a study")
    let (pictures, numbers) = choose(settings.testPictures, of: test, seed: seed, purpose: "test pictures of a study")

    var generator = SeededGenerator(seed: seed, purpose: "first weights of a study")
    let batch = try settings.purifierTraining.balancedBatch(pictures: train.labels.count)
    let classifier = try PictureClassifier(
      shape, classes: classes, widths: settings.classifier, using: &generator
    ).trained(on: train, radius: settings.radius, settings.classifierTraining, seed: seed) {
      progress(.classifier(epoch: $0, loss: $1))
    }
    let purifier = try settings.purifierTraining.train(
      Purifier(for: classifier, widths: settings.purifier, pictures: train.features, using: &generator),
      for: classifier, on: train, radius: settings.radius, seed: seed
    ) { progress(.purifier(epoch: $0, losses: $1)) }
    let pipeline = CARSO(classifier: classifier, purifier: purifier, draws: settings.draws)

    var rows: [Row] = []
    for victim in Victim.allCases {
      var trial = Trial(
        victim: victim, classifier: classifier, pipeline: pipeline, pictures: pictures, numbers: numbers,
        settings: settings, seed: seed)
      try trial.run {
        rows.append($0)
        progress(.row($0))
      }
    }
    return Result(
      settings: settings, seed: seed, trainPictures: train.labels.count, testPictures: pictures.labels.count,
      attackedInBatch: batch.counts,
      losses: purifier.losses(on: pictures.features, classifier: classifier, seed: seed), rows: rows)
  }

  /// Some of the rows, drawn at random, and their numbers.
  private static func choose(
    _ count: Int, of rows: LabelledRows, seed: UInt64, purpose: String
  ) -> (rows: LabelledRows, numbers: [Int]) {
    var generator = SeededGenerator(seed: seed, purpose: purpose)
    let numbers = Array(generator.permutation(rows.labels.count).prefix(count))
    return (
      LabelledRows(features: rows.features.selecting(rows: numbers), labels: numbers.map { rows.labels[$0] }), numbers
    )
  }
}
