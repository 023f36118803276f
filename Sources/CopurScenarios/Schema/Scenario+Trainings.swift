public import CopurCore
internal import CopurDefenses

extension Scenario {
  /// The trainings of fusion models that its defences need besides those of every bundle, each once.
  public var furtherTrainings: [FusionTraining] {
    var trainings: [FusionTraining] = []
    for training in defenses.compactMap(\.training) where !trainings.contains(training) { trainings.append(training) }
    return trainings
  }
}
