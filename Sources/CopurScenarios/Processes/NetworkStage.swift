internal import CopurAttacks
internal import CopurCore
internal import CopurGRPC
internal import CopurNumerics
internal import CopurWire
internal import GRPCCore

/// Plays trials over the network: asks the fusion center for verdicts and tells each agent what to do.
///
/// Samples go out in waves, so that agents that share a few cores stay within a round's deadline of each other. Where an
/// agent that was to contribute came too late after all, its samples are played again in a fresh session: the scenario
/// says who is missing, not this machine's load.
struct NetworkStage: TrialStage {
  let center: GRPCClient<HTTP2ClientTransport>
  let agents: HostedAgents
  let roster: AgentRoster
  /// The number of samples that the agents have.
  let rows: Int
  let replayed: @Sendable (Trial, Int, [String]) -> Void

  /// The most samples in flight at a time.
  private static let largestWave = 256
  /// The most blocks in flight at a time: half of what a fusion center lets wait for its journal and decisions.
  private static let blocksInFlight = 1 << 15

  /// Samples in flight at a time.
  private var wave: Int { max(1, min(Self.largestWave, Self.blocksInFlight / roster.count)) }

  /// The number of samples of an agent that a message holds: one as from a sensor, and more with many agents, where messages
  /// are what takes time.
  private var samplesPerMessage: Int { max(1, min(wave, roster.count / 8)) }

  /// The number of times that samples are played before lateness is an error.
  static let attempts = 5
  /// The most numbers in a message that tells an agent what to send: 2 MiB.
  static let valuesPerMessage = 1 << 19

  func play(_ trial: Trial) async throws -> [Decision?] {
    var decisions = [Decision?](repeating: nil, count: trial.received.samples)
    var pending = Array(0..<trial.received.samples)
    for attempt in 1... {
      let session = attempt == 1 ? trial.session : "\(trial.session)/replay-\(attempt - 1)"
      try await compromise(in: session, trial: trial)
      var again: [Int] = []
      var late: Set<AgentID> = []
      for start in stride(from: 0, to: pending.count, by: wave) {
        let wave = Array(pending[start..<min(start + wave, pending.count)])
        for verdict in try await verdicts(of: wave, in: session, trial: trial) {
          let sample = Int(verdict.sample)
          guard decisions.indices.contains(sample) else {
            throw CopurError(.protocolViolation, "a verdict on a sample that nobody asked for (actual: \(sample))")
          }
          guard verdict.contributed.count + verdict.missing.count == roster.count else {
            throw CopurError(
              .protocolViolation,
              "a verdict speaks of every agent (agents: \(roster.count), actual: "
                + "\(verdict.contributed.count + verdict.missing.count))")
          }
          let absent = verdict.missing.filter { sends($0, sample: sample, in: trial) }
          if absent.isEmpty {
            decisions[sample] = verdict.decision
          } else {
            again.append(sample)
            late.formUnion(absent)
          }
        }
      }
      if again.isEmpty { return decisions }
      guard attempt < Self.attempts else {
        throw CopurError(
          .unavailable,
          "\(AgentNames.words(late.sorted().map(\.name))) came too late for \(again.count) samples in \(attempt) attempts: "
            + "raise rounds.deadline")
      }
      pending = again.sorted()
      replayed(trial, pending.count, late.sorted().map(\.name))
    }
    return decisions
  }

  /// Asks for a wave's verdicts, has the agents send once the session is open, and waits for both.
  private func verdicts(of samples: [Int], in session: String, trial: Trial) async throws -> [Verdict] {
    var request = Copur_V1_PredictRequest()
    request.session = session
    request.defense = trial.defense.name
    request.samples.listed = samples.map { UInt64($0) }
    return try await Copur_V1_FusionCenter.Client(wrapping: center).predict(request) { response in
      try await withThrowingTaskGroup(of: Void.self) { group in
        var verdicts: [Verdict] = []
        for try await message in response.messages {
          if message.hasOpened {
            // Agents that send the same samples are told together, those of a process by one call.
            var players: [[Int]: [AgentID]] = [:]
            for agent in roster.agents {
              // Agents that are silent throughout were told so; those silent for some samples are not asked for them. One
              // without a reading says so itself.
              let isSilent = trial.attack.missing.contains(agent)
              let sent =
                isSilent
                ? samples
                : samples.filter { sends(agent, sample: $0, in: trial) || !hasReading(agent, sample: $0, in: trial) }
              if !sent.isEmpty { players[sent, default: []].append(agent) }
            }
            for (samples, agents) in players { try play(agents, samples: samples, in: session, group: &group) }
          }
          for verdict in message.verdicts { verdicts.append(try Verdict(verdict)) }
        }
        try await group.waitForAll()
        guard Set(verdicts.map(\.sample)) == Set(samples.map { UInt64($0) }), verdicts.count == samples.count else {
          throw CopurError(
            .protocolViolation,
            "the fusion center gives one verdict a sample (samples: \(samples.count), verdicts: \(verdicts.count))")
        }
        return verdicts
      }
    }
  }

  /// Whether an agent contributes to a sample if all goes as the attack says.
  private func sends(_ agent: AgentID, sample: Int, in trial: Trial) -> Bool {
    roster.index(of: agent).map { trial.received.isObserved(block: $0, of: sample) } ?? false
  }

  /// Whether an agent has something to say of a sample, unless an attack silences it.
  private func hasReading(_ agent: AgentID, sample: Int, in trial: Trial) -> Bool {
    roster.index(of: agent).map { trial.heard[sample * roster.count + $0] } ?? false
  }

  /// Has agents send samples, each process told by one call.
  private func play(
    _ agents: [AgentID], samples: [Int], in session: String, group: inout ThrowingTaskGroup<Void, any Error>
  ) throws {
    for hosted in try self.agents.groups(of: agents) {
      group.addTask {
        var request = Copur_V1_PlayRequest()
        request.session = session
        request.samples.listed = samples.map { UInt64($0) }
        request.samplesPerMessage = UInt32(samplesPerMessage)
        request.agents = hosted.agents.map(\.name)
        let answer = try await Copur_V1_Simulation.Client(wrapping: hosted.client).play(request)
        guard answer.invalid == 0, answer.conflict == 0 else {
          throw CopurError(
            .protocolViolation,
            "the fusion center refused blocks of \(AgentNames.words(request.agents)): \(answer.firstRefusal)")
        }
      }
    }
  }

  /// Plays waves in which everybody speaks, so that the fusion center knows how long that takes before an agent is silent.
  func warmUp() async throws {
    for round in 0..<Self.warmUpWaves {
      var request = Copur_V1_PredictRequest()
      let session = "warm-up-\(round)"
      request.session = session
      let samples = Array(0..<min(wave, rows))
      request.samples.listed = samples.map { UInt64($0) }
      try await Copur_V1_FusionCenter.Client(wrapping: center).predict(request) { response in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for try await message in response.messages where message.hasOpened {
            try play(roster.agents, samples: samples, in: session, group: &group)
          }
          try await group.waitForAll()
        }
      }
    }
  }

  /// The first connects everybody, the second is like those that follow.
  private static let warmUpWaves = 2

  /// Tells the compromised agents what to do in a session; all others are honest.
  private func compromise(in session: String, trial: Trial) async throws {
    for agent in trial.attack.missing {
      var request = Copur_V1_CompromiseRequest()
      request.session = session
      request.agent = agent.name
      request.silent = .init()
      _ = try await simulation(agent).compromise(request)
    }
    for part in trial.attack.adversarial {
      for agent in part.agents {
        guard let flipping = part.attack as? FeatureFlipping else {
          try await giveValues(to: agent, in: session, trial: trial)
          continue
        }
        // The one attack that an agent can carry out by itself: it needs nothing but its own embedding.
        var request = Copur_V1_CompromiseRequest()
        request.session = session
        request.agent = agent.name
        request.flip.amplification = flipping.amplification
        _ = try await simulation(agent).compromise(request)
      }
    }
    for agent in trial.attack.search?.candidates ?? [] { try await giveValues(to: agent, in: session, trial: trial) }
  }

  private func giveValues(to agent: AgentID, in session: String, trial: Trial) async throws {
    guard let block = roster.index(of: agent) else { return }
    let columns = roster.layout[block]
    let values = trial.received.embeddings.columns(columns)
    let chunk = max(1, Self.valuesPerMessage / columns.count)
    for start in stride(from: 0, to: values.rows, by: chunk) {
      let rows = start..<min(start + chunk, values.rows)
      var request = Copur_V1_CompromiseRequest()
      request.session = session
      request.agent = agent.name
      request.values.extend = start > 0
      request.values.samples = rows.map { UInt64($0) }
      request.values.values = Array(values.values[rows.lowerBound * columns.count..<rows.upperBound * columns.count])
      _ = try await simulation(agent).compromise(request)
    }
  }

  private func simulation(_ agent: AgentID) throws -> Copur_V1_Simulation.Client<HTTP2ClientTransport> {
    Copur_V1_Simulation.Client(wrapping: try agents.client(of: agent))
  }
}
