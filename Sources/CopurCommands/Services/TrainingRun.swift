import CopurCore
import CopurJointTraining
import CopurNumerics
import CopurScenarios
import CopurTraining
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// A fusion center's training with agents that connect, as a service: it ends with the training.
final class TrainingRun: Service {
  private let center: TrainingCenter
  private let trainer: BundleTrainer
  private let seed: UInt64
  /// Whether the process that started this one is told how far the training is.
  private let tellsParent: Bool
  private let logger: Logger
  private let display: ProgressDisplay
  /// Writes the bundle, before agents are told that it is there.
  private let finished: @Sendable (ModelBundle) throws -> Void
  private let outcome = Mutex<Result<Void, any Error>?>(nil)

  /// How often the log says how far the training is.
  private static let pause = Duration.seconds(5)
  /// How often the parent is told.
  private static let parentsPause = Duration.milliseconds(200)

  init(
    center: TrainingCenter, trainer: BundleTrainer, seed: UInt64, tellsParent: Bool, logger: Logger,
    display: ProgressDisplay,
    finished: @escaping @Sendable (ModelBundle) throws -> Void
  ) {
    self.center = center
    self.trainer = trainer
    self.seed = seed
    self.tellsParent = tellsParent
    self.logger = logger
    self.display = display
    self.finished = finished
  }

  func run() async throws {
    let result: Result<Void, any Error>
    do {
      try await cancelWhenGracefulShutdown { try await self.train() }
      result = .success(())
    } catch {
      center.fail(error)
      result = .failure(error)
    }
    outcome.withLock { $0 = result }
  }

  private func train() async throws {
    logger.info("waiting for agents", metadata: ["agents": "\(center.absent.map(\.name).joined(separator: ", "))"])
    let rows = try await center.rows()
    logger.info(
      "every agent is there",
      metadata: [
        "rows": "\(rows.count)", "features": "\(rows.roster.layout.totalWidth)",
        "joint_trainings": "\(trainer.jointTrainings)",
        "held_out_score": trainer.holdsOut(ofRows: rows.count)
          ? "at the end of each training without some rows" : "not computed: no rows are held out",
      ])
    let (center, logger, display, seed) = (center, logger, display, seed)
    let (last, told) = (Turns(), Turns())
    let pace = Mutex(WorkPace())
    let tellsParent = tellsParent
    let bundle = try await trainer.train(with: rows, seed: seed) { progress in
      center.observed(progress)
      let status = center.status
      var progress = progress
      (progress.traffic, progress.heldOutScore) = (status.traffic, status.heldOutScore)
      display.observe(.training(seed: seed, progress))
      if tellsParent, told.isDue(progress, after: Self.parentsPause) {
        try? Terminal.print("\(ProgressLine(progress))")
      }
      let left = pace.withLock {
        $0.timeLeft(of: progress.stage, completed: progress.completed, total: progress.total, at: .now)
      }
      guard last.isDue(progress, after: Self.pause) else { return }
      logger.info(
        "training",
        metadata: [
          "stage": "\(progress.stage)", "step": "\(progress.completed)/\(progress.total)",
          "loss": "\(progress.loss.map { "\($0)" } ?? "")",
          "held_out_score": "\(progress.heldOutScore.map { "\($0)" } ?? "")",
          "received_bytes": "\(progress.traffic?.received ?? 0)", "sent_bytes": "\(progress.traffic?.sent ?? 0)",
          "left": "\(left.map(WorkPace.words) ?? "")",
        ])
    }
    try finished(bundle)
    try await center.finish(modelVersion: bundle.modelVersion)
  }

  /// - Throws: What the training failed with; ``CopurError`` of code `.unavailable` if it was told to stop before its end.
  func result() throws {
    guard let outcome = outcome.withLock({ $0 }) else {
      throw CopurError(.unavailable, "the training was stopped before its end")
    }
    do {
      try outcome.get()
    } catch is CancellationError {
      throw CopurError(.unavailable, "the training was stopped before its end")
    }
  }
}

/// When somebody is told again: at the beginning of each stage, and after a while.
private final class Turns: Sendable {
  private let last = Mutex<(stage: String, at: ContinuousClock.Instant)?>(nil)

  func isDue(_ progress: TrainingProgress, after pause: Duration) -> Bool {
    last.withLock { last in
      if let last, last.stage == progress.stage, .now - last.at < pause { return false }
      last = (progress.stage, .now)
      return true
    }
  }
}
