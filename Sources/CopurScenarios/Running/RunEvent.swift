public import CopurCore
public import CopurReports
public import CopurTraining
public import Foundation

/// Events while a scenario runs, for whoever watches.
public enum RunEvent: Sendable {
  /// An earlier run of the same is in the folder, with so many measurements; it had finished then, or goes on.
  case continued(measured: Int, total: Int, finished: Date?)
  /// A point of a sweep begins, the so-manieth of so many.
  case point(String, number: Int, of: Int)
  /// The run of a point failed; the sweep goes on with the others.
  case failed(point: String, any Error)
  /// Something of the data is worth knowing before anything is learned of it.
  case noticed(String)
  /// A bundle is being trained.
  case training(seed: UInt64, TrainingProgress)
  /// A bundle is ready. `reused`: it was in the cache.
  case trained(seed: UInt64, modelVersion: String, code: Int, reused: Bool)
  /// A bundle's defence was chosen on training rows; no test row was looked at yet.
  case chosen(seed: UInt64, defenses: [String], ProtectionRecord)
  /// The processes of a seed are up; where the fusion center's dashboard is, if it has one.
  case launched(seed: UInt64, processes: Int, dashboard: String?)
  /// An agent that was to contribute came too late for some samples, which are played again.
  case replayed(attack: String, defense: String, samples: Int, late: [String])
  /// The certificates of a defence, with one seed.
  case certified([CertificateRow])
  /// A trial is done.
  case measured(ResultRow, completed: Int, total: Int)
}
