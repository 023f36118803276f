internal import CopurCore
internal import CopurFusionCenter
internal import Synchronization

/// All metrics of the service, gathered when they are asked for.
final class ServingMetrics: Sendable {
  let http = HTTPMeters()
  private let clients: ClientServices
  private let feed: RoundFeed
  private let rounds: Mutex<RoundMeters>

  private var center: FusionCenter { clients.center }

  private let httpRefusals: @Sendable () -> [(rule: String, count: Int)]

  /// - Parameter httpRefusals: How often peers of the HTTP plane were refused, by rule.
  init(
    _ clients: ClientServices, httpRefusals: @escaping @Sendable () -> [(rule: String, count: Int)] = { [] }
  ) {
    self.clients = clients
    self.httpRefusals = httpRefusals
    feed = clients.center.watchedRounds()
    rounds = Mutex(RoundMeters(roster: clients.center.model.roster))
  }

  deinit { center.unwatched(feed) }

  /// Counts the rounds that have been decided; often enough that none is lost.
  func collect() {
    rounds.withLock { rounds in
      let (decided, lost) = feed.taken()
      rounds.count(decided, lost: lost)
    }
  }

  /// Prometheus' text format.
  var text: String {
    collect()
    var text = MetricsText()
    addService(to: &text)
    addRounds(to: &text)
    addWork(to: &text)
    addInference(to: &text)
    text.addRequests(http)
    text.addProcess()
    return text.text
  }

  private func addService(to text: inout MetricsText) {
    let (model, status) = (center.model, center.status)
    text.gauge("copur_ready", "Whether the service takes work.", [([], center.isReady ? 1 : 0)])
    text.gauge(
      "copur_model_info", "The model that decides; always 1.",
      [([("model", FusionInference.modelName), ("version", model.version)], 1)])
    text.gauge("copur_agents", "Agents that the model expects.", [([], Double(model.roster.count))])
    text.gauge(
      "copur_agents_up", "Agents with an open stream.", [([], Double(status.streams.count { $0 > 0 }))])
    text.gauge(
      "copur_agent_up", "Whether an agent has an open stream.",
      zip(model.roster.agents, status.streams).map { ([("agent", $0.name)], $1 > 0 ? 1 : 0) })
    text.gauge("copur_quorum", "Blocks that a verdict needs.", [([], Double(model.quorum))])
    text.gauge("copur_open_rounds", "Rounds that wait for blocks.", [([], Double(status.openRounds))])
    text.gauge(
      "copur_unstarted_rounds", "Open rounds whose clock does not run: too few agents have spoken.",
      [([], Double(status.unstartedRounds))])
    text.gauge(
      "copur_sessions_waiting", "Sessions that wait for agents before any of their rounds can close.",
      [([], Double(status.waitingSessions.count))])
    text.gauge(
      "copur_sessions_waiting_for_agent", "Sessions that wait for an agent.",
      model.roster.agents.map { agent in
        ([("agent", agent.name)], Double(status.waitingSessions.count { $0.agents.contains(agent) }))
      })
    text.gauge(
      "copur_sessions_waiting_seconds", "The longest that one of them has waited since the last agent came.",
      [([], (status.waitingSessions.map(\.waited).max() ?? .zero) / .seconds(1))])
    text.gauge(
      "copur_backlog", "Blocks that wait for the journal and rounds that wait for their verdict.",
      [([], Double(status.backlog))])
  }

  private func addRounds(to text: inout MetricsText) {
    let (rounds, agents) = (rounds.withLock { $0 }, center.model.roster.agents)
    text.counter(
      "copur_rounds_total", "Rounds that have closed, by outcome.",
      [
        ([("outcome", "decided")], Double(rounds.decided)), ([("outcome", "no_quorum")], Double(rounds.withoutQuorum)),
      ])
    text.histogram(
      "copur_round_latency_seconds", "From the start of a round's clock until its verdict is stored.",
      [([], rounds.latency)])
    text.counter(
      "copur_missing_blocks_total", "Blocks that rounds closed without.", [([], Double(rounds.missingBlocks))])
    text.counter(
      "copur_purifications_unconverged_total", "Rounds whose solver did not converge.",
      [([], Double(rounds.unconverged))])
    text.histogram(
      "copur_purification_iterations", "Steps that the solver took for a sample.",
      [
        ([("of", "rounds")], rounds.iterations),
        ([("of", "inference")], clients.inference.statistics.snapshot.iterations),
      ])
    text.histogram(
      "copur_certified_agents", "How many agents, whichever they are, a round's verdict withstands; of those that say.",
      [([], rounds.certified)])
    text.counter(
      "copur_rounds_uncounted_total", "Rounds that were decided faster than they were counted.",
      [([], Double(rounds.lost))])
    let each = Array(zip(agents, rounds.agents))
    let alarms = center.driftAlarms
    text.gauge(
      "copur_alarm",
      "Whether verdicts break what training promised: of an agent's suspicion, of certificates, of classes.",
      alarms.subjects.map { subject in
        let label: MetricsText.Label =
          switch subject {
          case .agent(let agent): ("agent", agent.name)
          case .certificates(let liars): ("certificates_against", "\(liars)")
          case .oneClass: ("verdicts", "one class")
          }
        return ([label], alarms.standing.contains(subject) ? 1 : 0)
      })
    text.counter(
      "copur_agent_missing_total", "Rounds that closed without an agent.",
      each.map { ([("agent", $0.name)], Double($1.missing)) })
    text.counter(
      "copur_agent_suspect_total", "Rounds in which an agent was suspect.",
      each.map { ([("agent", $0.name)], Double($1.suspect)) })
    text.histogram(
      "copur_agent_residual", "The norm of what purification changed in an agent's block.",
      each.map { ([("agent", $0.name)], $1.residuals) })
  }

  private func addWork(to text: inout MetricsText) {
    let meters = center.meters.snapshot
    text.counter(
      "copur_receipts_total", "Blocks, by the status of their receipts.",
      ["accepted", "conflict", "duplicate", "invalid", "late"].map {
        ([("status", $0)], Double(meters.receipts[$0] ?? 0))
      })
    text.histogram(
      "copur_journal_commit_seconds", "How long the journal takes to store a group.", [([], meters.commits)])
    text.histogram("copur_journal_commit_blocks", "Blocks a group.", [([], meters.committedBlocks)])
    text.histogram(
      "copur_purification_seconds", "How long a defence takes for a batch of rounds.", [([], meters.decisions)])
    text.histogram("copur_purification_batch_rounds", "Rounds a batch.", [([], meters.batches)])
    text.addRefusals(access: clients.accessRefusals(), http: httpRefusals())
    text.counter(
      "copur_http2_refused_total", "What the data plane's transport refused, by rule.",
      clients.http2Refusals().map { ([("rule", $0.rule)], Double($0.count)) })
    text.counter(
      "copur_spans_total", "Spans of traces for a collector, by outcome; none without --otlp.",
      clients.spans().map { ([("outcome", $0.outcome)], Double($0.count)) })
  }

  /// Triton's names.
  private func addInference(to text: inout MetricsText) {
    let statistics = clients.inference.statistics.snapshot
    let labels: [MetricsText.Label] = [("model", FusionInference.modelName), ("version", center.model.version)]
    func counter(_ name: String, _ help: String, _ value: UInt64) {
      text.counter("nv_inference_\(name)", help, [(labels, Double(value))])
    }
    counter("request_success", "Inference requests that were answered.", statistics.success.count)
    counter("request_failure", "Inference requests that were refused.", statistics.failure.count)
    counter("count", "Samples of inference requests.", statistics.inferences)
    counter("exec_count", "Calls of a defence for inference requests.", statistics.executions)
    counter(
      "request_duration_us", "From requests to answers, in microseconds, summed.", statistics.success.nanoseconds / 1000
    )
    counter(
      "queue_duration_us", "Waiting to be computed, in microseconds, summed.", statistics.queue.nanoseconds / 1000)
    counter(
      "compute_infer_duration_us", "Computing, in microseconds, summed.", statistics.compute.nanoseconds / 1000)
    text.histogram(
      "copur_inference_seconds", "From inference requests to answers.", [(labels, statistics.seconds)])
  }
}
