/// How a training is now, for the page.
package struct TrainingSummary: Encodable, Sendable {
  package struct Agent: Encodable, Sendable {
    package let state: String
    /// From a question to its answer, in milliseconds.
    let answer: Double?
    package let received: Int
    let sent: Int
    let rows: Int?
    let features: Int?
  }

  package struct Job: Encodable, Sendable {
    let name: String
    let epoch: Int
    let epochs: Int
    let loss: Float?
    let batches: Int
    let isOver: Bool
  }

  package let phase: String
  /// Why the training has failed.
  let reason: String?
  /// The model that agents serve, once the training is over.
  let model: String?
  /// What is being trained, in words.
  package let stage: String?
  /// The part of all epochs that is over, from 0 to 1.
  package let share: Double?
  /// Seconds that the joint trainings will take if they go on like that.
  package let left: Double?
  /// Balanced accuracy on held-out rows, from 0 to 1.
  package let score: Float?
  /// Batches a second.
  package let rate: Double
  package let received: Int
  package let sent: Int
  package let agents: [Agent]
  package let jobs: [Job]
}

/// The snapshot that a page is told first: all that is known.
package struct TrainingSnapshot: Encodable, Sendable {
  let name: String
  let kind: String
  let agents: [String]
  /// The number of joint trainings.
  let jointTrainings: Int
  let holdsOut: Bool
  /// Of each joint training its losses: seconds and loss.
  package let curves: [[[Double]]]
  let alarms: [Alarm]
  package let now: TrainingSummary
}

/// The news that a page is told after that.
package struct TrainingUpdate: Encodable, Sendable {
  /// A loss of a joint training, by its place among those that have begun.
  package struct Point: Encodable, Hashable, Sendable {
    package let job: Int
    package let seconds: Double
    package let loss: Double
  }

  package let points: [Point]
  package let alarms: [Alarm]
  package let now: TrainingSummary
}
