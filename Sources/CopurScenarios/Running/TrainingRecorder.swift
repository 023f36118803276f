internal import CopurCore
internal import CopurTraining
internal import Synchronization

/// Keeps the losses of a bundle's training as they are reported.
///
/// A stage may be trained several times, since settings are tried on parts of the rows first: the last time counts, which is on
/// all of them.
final class TrainingRecorder: Sendable {
  private struct Stage {
    var epochs: Int
    var points: [TrainingCurve.Point]
  }

  private let stages = Mutex<(order: [String], byName: [String: Stage])>(([], [:]))

  /// Takes what a training reports.
  func observe(_ progress: TrainingProgress) {
    guard let loss = progress.loss, loss.isFinite else { return }
    stages.withLock { stages in
      var stage = stages.byName[progress.stage] ?? Stage(epochs: progress.total, points: [])
      if stages.byName[progress.stage] == nil { stages.order.append(progress.stage) }
      if progress.completed <= stage.points.last?.epoch ?? 0 { stage.points = [] }
      stage.epochs = progress.total
      stage.points.append(.init(epoch: progress.completed, loss: loss))
      stages.byName[progress.stage] = stage
    }
  }

  /// The losses, a curve a stage, in the order of the stages.
  var curves: [TrainingCurve] {
    stages.withLock { stages in
      stages.order.compactMap { name in
        stages.byName[name].map { TrainingCurve(stage: name, epochs: $0.epochs, points: $0.points) }
      }
    }
  }
}
