public import CopurCore

/// The events in the life of a running service: the `timeline:` section of a scenario.
public struct Timeline: Hashable, Sendable {
  /// The behaviour of an agent from some time on.
  public enum Behaviour: Hashable, Sendable {
    /// It sends l_i, its own embedding.
    case honest
    /// It sends nothing.
    case silent
    /// It sends −amplification·l_i.
    case flip(amplification: Float)
  }

  /// Agents change what they do.
  public struct Event: Hashable, Sendable {
    /// After the beginning.
    public var at: Duration
    /// The agents that change; the others go on as they are.
    public var agents: [AgentID]
    /// The behaviour from then on.
    public var behaviour: Behaviour

    /// - Parameter at: After the beginning.
    public init(at: Duration, agents: [AgentID], behaviour: Behaviour) {
      self.at = at
      self.agents = agents
      self.behaviour = behaviour
    }
  }

  /// A time in which every agent does the same throughout.
  public struct Segment: Hashable, Sendable {
    /// After the beginning; the time itself belongs to the segment.
    public var start: Duration
    /// After the beginning; the time itself belongs to the next segment.
    public var end: Duration
    /// The behaviour of agents that are not honest.
    public var behaviours: [AgentID: Behaviour]
  }

  /// The number of rounds that are asked for each second.
  public var rate: Double
  /// The time that all of it takes.
  public var duration: Duration
  /// In the order of their times, all of them before the end.
  public var events: [Event]

  /// - Parameter rate: Rounds a second; over 0.
  public init(rate: Double, duration: Duration, events: [Event]) {
    self.rate = rate
    self.duration = duration
    self.events = events
  }

  /// The times between the events, from the beginning to the end.
  public var segments: [Segment] {
    var segments = [Segment(start: .zero, end: duration, behaviours: [:])]
    for event in events {
      var behaviours = segments[segments.count - 1].behaviours
      for agent in event.agents { behaviours[agent] = event.behaviour == .honest ? nil : event.behaviour }
      if segments[segments.count - 1].start == event.at {
        segments[segments.count - 1].behaviours = behaviours
      } else {
        segments[segments.count - 1].end = event.at
        segments.append(Segment(start: event.at, end: duration, behaviours: behaviours))
      }
    }
    return segments
  }
}

extension Timeline.Segment {
  /// The number of rounds that begin in it at some rate.
  package func rounds(rate: Double) -> Int { max(1, Int((rate * ((end - start) / .seconds(1))).rounded())) }

  /// Its name in results: when it begins, and who does what.
  package func name(in roster: AgentRoster) -> String {
    let parts = roster.agents.compactMap { agent in
      behaviours[agent].map { behaviour in
        switch behaviour {
        case .honest: "\(agent) honest"
        case .silent: "\(agent) missing"
        case .flip(let amplification): "\(agent) flips x\(Double(amplification).shortest)"
        }
      }
    }
    return "\((start / .seconds(1)).shortest)s: \(parts.isEmpty ? "clean" : parts.joined(separator: ", "))"
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var shortest: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
