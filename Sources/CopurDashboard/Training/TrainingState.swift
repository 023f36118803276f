internal import CopurCore
package import CopurJointTraining
internal import CopurTraining

/// Everything that a training's page shows: how the training is goes in, what to tell the pages comes out.
///
/// It is a value without a clock, a socket or a lock, and its size is bounded whatever happens.
package struct TrainingState: PageState, Sendable {
  private static let alarms = 100
  /// The rate of batches is that of so many of the last looks.
  private static let looks = 21

  private let model: TrainingModel
  private var status: TrainingCenterStatus
  private var curves: [LossCurve] = []
  private var alarms: [Alarm] = []
  private var alarmCount = 0
  private var points: [TrainingUpdate.Point] = []
  private var newAlarms: [Alarm] = []
  private var pace = TrainingPace()
  private var seconds = 0.0
  /// How many batches there had been at each of the last looks.
  private var batches: [(seconds: Double, count: Int)] = []

  package init(model: TrainingModel, status: TrainingCenterStatus) {
    self.model = model
    self.status = status
  }

  // MARK: What happens

  /// The training was looked at.
  ///
  /// - Parameters:
  ///   - now: Since the dashboard began.
  ///   - date: Milliseconds since 1970, for events.
  package mutating func looked(at status: TrainingCenterStatus, now: Duration, date: Double) {
    seconds = now / .seconds(1)
    for (old, new) in zip(self.status.agents, status.agents) where old.presence != new.presence {
      tell(of: new, before: old, status.phase, date)
    }
    for (place, job) in status.jobs.enumerated() {
      if place >= self.status.jobs.count { raise(.notice, "a joint training begins: \(Self.words(job.name))", date) }
      if place >= curves.count { curves.append(LossCurve()) }
      if curves[place].add(loss: job.loss, epoch: job.epoch, at: seconds), let last = curves[place].points.last {
        points.append(TrainingUpdate.Point(job: place, seconds: last.seconds, loss: last.loss))
      }
    }
    if let score = status.heldOutScore, score != self.status.heldOutScore {
      raise(.notice, "on held-out rows \((Double(score) * 100).rounded(digits: 3)) %", date)
    }
    if status.phase != self.status.phase {
      switch status.phase {
      case .waiting: break
      case .training: raise(.notice, "every agent is there", date)
      case .finished(let version): raise(.notice, "trained: model \(version)", date)
      case .failed(let reason): raise(.critical, reason, date)
      }
    }
    self.status = status
    pace.looked(
      at: seconds, epochs: status.jobs.isEmpty ? nil : epochsOver, isTraining: status.jobs.contains { !$0.isOver },
      stage: status.progress)
    batches.append((seconds, status.jobs.reduce(0) { $0 + $1.batches }))
    if batches.count > Self.looks { batches.removeFirst() }
  }

  private mutating func tell(
    of agent: TrainingCenterStatus.Agent, before: TrainingCenterStatus.Agent, _ phase: TrainingCenterStatus.Phase,
    _ date: Double
  ) {
    switch agent.presence {
    case .connected:
      raise(.notice, before.presence == .late ? "agent \(agent.name) answers" : "agent \(agent.name) is there", date)
    case .late: raise(.warning, "agent \(agent.name) is late", date)
    case .away:
      // At the end all of them go.
      if case .finished = phase { return }
      raise(.warning, "agent \(agent.name) is away", date)
    case .leftOut: raise(.warning, "agent \(agent.name) is left out from now on", date)
    }
  }

  private mutating func raise(_ level: Alarm.Level, _ text: String, _ date: Double) {
    alarmCount += 1
    let alarm = Alarm(number: alarmCount, at: date, level: level, text: text)
    alarms.append(alarm)
    newAlarms.append(alarm)
    if alarms.count > Self.alarms { alarms.removeFirst() }
    if newAlarms.count > Self.alarms { newAlarms.removeFirst() }
  }

  // MARK: What to tell

  package var snapshot: TrainingSnapshot {
    TrainingSnapshot(
      name: model.name, kind: model.kind, agents: status.agents.map(\.name.name),
      jointTrainings: model.jointTrainings, holdsOut: model.holdsOut,
      curves: curves.map { $0.points.map { [$0.seconds, $0.loss] } }, alarms: alarms, now: summary)
  }

  package var hasNews: Bool { !points.isEmpty || !newAlarms.isEmpty }

  package mutating func update(at now: Duration) -> TrainingUpdate {
    defer { (points, newAlarms) = ([], []) }
    return TrainingUpdate(points: points, alarms: newAlarms, now: summary)
  }

  private var epochsOver: Int { status.jobs.reduce(0) { $0 + ($1.isOver ? $1.epochs : $1.epoch) } }

  /// The epochs of all joint trainings.
  private var epochs: Int {
    status.jobs.reduce(0) { $0 + $1.epochs } + max(0, model.jointTrainings - status.jobs.count) * model.epochs
  }

  private var rate: Double {
    guard let first = batches.first, let last = batches.last, last.seconds > first.seconds else { return 0 }
    return (Double(last.count - first.count) / (last.seconds - first.seconds)).rounded(digits: 3)
  }

  private var summary: TrainingSummary {
    let (phase, reason, version): (String, String?, String?) =
      switch status.phase {
      case .waiting: ("waiting", nil, nil)
      case .training: ("training", nil, nil)
      case .finished(let version): ("finished", nil, version)
      case .failed(let reason): ("failed", reason, nil)
      }
    let traffic = status.traffic
    return TrainingSummary(
      phase: phase, reason: reason, model: version,
      stage: status.progress.map { $0.total > 1 ? "\($0.stage), \($0.completed) of \($0.total)" : $0.stage },
      share: epochs == 0 ? nil : (Double(epochsOver) / Double(epochs)).rounded(digits: 4),
      left: version == nil ? pace.left(epochs: epochs - epochsOver)?.rounded(digits: 3) : 0,
      score: status.heldOutScore, rate: rate, received: traffic.received, sent: traffic.sent,
      agents: status.agents.map { agent in
        TrainingSummary.Agent(
          state: agent.presence.rawValue,
          answer: agent.answerTime.map { ($0 / .milliseconds(1)).rounded(digits: 3) },
          received: agent.traffic.received, sent: agent.traffic.sent, rows: agent.rows, features: agent.features)
      },
      jobs: status.jobs.map { job in
        TrainingSummary.Job(
          name: Self.words(job.name), epoch: job.epoch, epochs: job.epochs,
          loss: job.loss.flatMap { $0.isFinite ? $0 : nil }, batches: job.batches, isOver: job.isOver)
      })
  }

  /// A job's name without the digest of its settings.
  private static func words(_ name: String) -> String {
    name.lastIndex(of: ",").map { String(name[..<$0]) } ?? name
  }
}
