internal import CopurCore
internal import CopurJointTraining
internal import CopurTraining

/// All metrics of a training, gathered when they are asked for.
struct TrainingMetrics: Sendable {
  private let services: TrainingServices
  private let http: HTTPMeters
  private let httpRefusals: @Sendable () -> [(rule: String, count: Int)]

  /// - Parameter httpRefusals: How often peers of the HTTP plane were refused, by rule.
  init(
    _ services: TrainingServices, http: HTTPMeters,
    httpRefusals: @escaping @Sendable () -> [(rule: String, count: Int)]
  ) {
    self.services = services
    self.http = http
    self.httpRefusals = httpRefusals
  }

  /// Prometheus' text format.
  var text: String {
    let status = services.center.status
    var text = MetricsText()
    addAgents(of: status, to: &text)
    addJobs(of: status, to: &text)
    text.addRefusals(access: services.accessRefusals(), http: httpRefusals())
    text.addRequests(http)
    text.addProcess()
    return text.text
  }

  private func addAgents(of status: TrainingCenterStatus, to text: inout MetricsText) {
    func isThere(_ agent: TrainingCenterStatus.Agent) -> Bool { [.connected, .late].contains(agent.presence) }
    func each(_ value: (TrainingCenterStatus.Agent) -> Bool) -> [(labels: [MetricsText.Label], value: Double)] {
      status.agents.map { ([("agent", $0.name.name)], value($0) ? 1 : 0) }
    }
    text.gauge(
      "copur_ready", "Whether the training goes on: it waits for nobody, and has not failed.",
      [([], status.isReady ? 1 : 0)])
    text.gauge("copur_agents", "Agents that the training expects.", [([], Double(status.agents.count))])
    text.gauge("copur_agents_up", "Agents with an open stream.", [([], Double(status.agents.count(where: isThere)))])
    text.gauge("copur_agent_up", "Whether an agent has an open stream.", each(isThere))
    text.gauge(
      "copur_training_agent_late", "Whether a question has waited for an agent's answer for over five seconds.",
      each { $0.presence == .late })
    text.gauge(
      "copur_training_agent_left_out", "Whether an agent was away for too long, and is missing from then on.",
      each { $0.presence == .leftOut })
    text.gauge(
      "copur_training_answer_seconds", "From a question to an agent's answer, a moving average.",
      status.agents.compactMap { agent in
        agent.answerTime.map { ([("agent", agent.name.name)], $0 / .seconds(1)) }
      })
    text.counter(
      "copur_training_bytes_total", "Bytes of HTTP/2 to and from an agent.",
      status.agents.flatMap { agent in
        [("received", agent.traffic.received), ("sent", agent.traffic.sent)].map { direction, bytes in
          ([("agent", agent.name.name), ("direction", direction)] as [MetricsText.Label], Double(bytes))
        }
      })
  }

  private func addJobs(of status: TrainingCenterStatus, to text: inout MetricsText) {
    let running = status.jobs.filter { !$0.isOver }
    func each(_ value: (TrainingCenterStatus.Job) -> Double?) -> [(labels: [MetricsText.Label], value: Double)] {
      running.compactMap { job in value(job).map { ([("training", job.name)], $0) } }
    }
    text.counter(
      "copur_training_jobs_begun_total", "Joint trainings that have begun.", [([], Double(status.jobs.count))])
    text.counter(
      "copur_training_jobs_over_total", "Joint trainings that are over.",
      [([], Double(status.jobs.count - running.count))])
    text.counter(
      "copur_training_batches_total", "Batches of all joint trainings, of asynchronous ones contacts.",
      [([], Double(status.jobs.reduce(0) { $0 + $1.batches }))])
    text.gauge(
      "copur_training_epochs", "Passes over the rows that a joint training under way makes.", each { Double($0.epochs) }
    )
    text.gauge(
      "copur_training_epochs_over", "Of these those that are over.", each { Double($0.epoch) })
    text.gauge(
      "copur_training_loss", "The mean loss of the last epoch of a joint training under way.",
      each { $0.loss.map(Double.init) })
    text.gauge(
      "copur_training_held_out_score", "Balanced accuracy without a defence on training rows that were held out.",
      status.heldOutScore.map { [([], Double($0))] } ?? [])
  }
}
