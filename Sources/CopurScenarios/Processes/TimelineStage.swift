internal import CopurCore
internal import CopurGRPC
internal import CopurWire
internal import GRPCCore

/// Plays a timeline on a running service: rounds flow at a set rate, and agents are told to change what they do.
struct TimelineStage: Sendable {
  let center: GRPCClient<HTTP2ClientTransport>
  let agents: HostedAgents
  let roster: AgentRoster

  /// The most requests in flight: where the service is slower than the rate, rounds come later, not ever more at once.
  private static let requestsInFlight = 64
  /// Rounds due within such a time are asked for together.
  private static let interval = Duration.milliseconds(50)

  /// A round that was decided.
  struct PlayedRound: Sendable {
    let row: Int
    let verdict: Verdict
  }

  /// Plays one segment after the other.
  ///
  /// - Parameters:
  ///   - session: The name that the sessions' names begin with: a session has each row once, so there is one for each time
  ///     that the rows are gone through.
  ///   - rows: How many rows the agents have.
  ///   - played: Called after each segment with its rounds.
  func play(
    _ timeline: Timeline, defense: String, session: String, rows: Int,
    played: (Timeline.Segment, [PlayedRound]) async throws -> Void
  ) async throws {
    let clock = ContinuousClock()
    let origin = clock.now
    var next = 0
    var told: (lap: Int, behaviours: [AgentID: Timeline.Behaviour])?
    for segment in timeline.segments {
      let due = segment.rounds(rate: timeline.rate)
      let rounds = try await withThrowingTaskGroup(of: [PlayedRound].self) { group in
        var (rounds, sent, inFlight): ([PlayedRound], Int, Int) = ([], 0, 0)
        while sent < due {
          let elapsed = max(.zero, clock.now - (origin + segment.start))
          let expected = min(due, Int(timeline.rate * ((elapsed + Self.interval) / .seconds(1))) + 1)
          let (lap, row) = next.quotientAndRemainder(dividingBy: rows)
          let name = "\(session)/lap-\(lap)"
          if told.map({ $0.lap != lap || $0.behaviours != segment.behaviours }) ?? true {
            let before = told?.lap == lap ? told?.behaviours ?? [:] : [:]
            try await tell(segment.behaviours, before: before, in: name)
            told = (lap, segment.behaviours)
          }
          let samples = Array(row..<min(rows, row + max(0, expected - sent)))
          if samples.isEmpty {
            try await clock.sleep(until: origin + segment.start + .seconds(Double(sent) / timeline.rate))
            continue
          }
          if inFlight == Self.requestsInFlight, let finished = try await group.next() {
            rounds += finished
            inFlight -= 1
          }
          let silent = Set(roster.agents.filter { segment.behaviours[$0] == .silent })
          group.addTask { try await ask(for: samples, in: name, defense: defense, silent: silent) }
          inFlight += 1
          sent += samples.count
          next += samples.count
          try await clock.sleep(until: origin + segment.start + .seconds(Double(sent) / timeline.rate))
        }
        for try await finished in group { rounds += finished }
        return rounds
      }
      try await played(segment, rounds)
    }
  }

  /// Tells agents what to do from now on.
  private func tell(
    _ behaviours: [AgentID: Timeline.Behaviour], before: [AgentID: Timeline.Behaviour], in session: String
  ) async throws {
    for agent in roster.agents where behaviours[agent] != before[agent] {
      var request = Copur_V1_CompromiseRequest()
      request.session = session
      request.agent = agent.name
      switch behaviours[agent] ?? .honest {
      case .honest: request.honest = .init()
      case .silent: request.silent = .init()
      case .flip(let amplification): request.flip.amplification = amplification
      }
      _ = try await simulation(agent).compromise(request)
    }
  }

  /// Asks for rounds, has the agents send once the session is open, and waits for the verdicts.
  private func ask(
    for rows: [Int], in session: String, defense: String, silent: Set<AgentID>
  ) async throws -> [PlayedRound] {
    var request = Copur_V1_PredictRequest()
    request.session = session
    request.defense = defense
    request.samples.listed = rows.map { UInt64($0) }
    return try await Copur_V1_FusionCenter.Client(wrapping: center).predict(request) { response in
      try await withThrowingTaskGroup(of: Void.self) { group in
        var rounds: [PlayedRound] = []
        for try await message in response.messages {
          if message.hasOpened {
            for hosted in try agents.groups(of: roster.agents.filter { !silent.contains($0) }) {
              group.addTask { try await play(hosted.agents, on: hosted.client, rows: rows, in: session) }
            }
          }
          for verdict in message.verdicts {
            let verdict = try Verdict(verdict)
            guard let row = Int(exactly: verdict.sample), rows.contains(row) else {
              throw CopurError(.protocolViolation, "a verdict on a sample that nobody asked for (\(verdict.sample))")
            }
            rounds.append(PlayedRound(row: row, verdict: verdict))
          }
        }
        try await group.waitForAll()
        return rounds
      }
    }
  }

  private func play(
    _ agents: [AgentID], on client: HostedAgents.Client, rows: [Int], in session: String
  ) async throws {
    var request = Copur_V1_PlayRequest()
    request.session = session
    request.samples.listed = rows.map { UInt64($0) }
    request.agents = agents.map(\.name)
    let answer = try await Copur_V1_Simulation.Client(wrapping: client).play(request)
    guard answer.invalid == 0, answer.conflict == 0 else {
      throw CopurError(
        .protocolViolation,
        "the fusion center refused blocks of \(AgentNames.words(request.agents)): \(answer.firstRefusal)")
    }
  }

  private func simulation(_ agent: AgentID) throws -> Copur_V1_Simulation.Client<HTTP2ClientTransport> {
    Copur_V1_Simulation.Client(wrapping: try agents.client(of: agent))
  }
}
