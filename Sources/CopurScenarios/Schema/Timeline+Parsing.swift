internal import CopurCore
internal import CopurDatasets

extension Timeline {
  /// The most rounds of a timeline, which are kept until its results are written.
  private static let maximumRounds = 1_000_000
  private static let kinds = ["clean", "missing", "feature-flipping"]

  /// The `timeline:` section.
  init(parsing node: SchemaNode, agents: [AgentID]) throws(ScenarioError) {
    let section = try node.mapping(of: "a timeline", keys: ["rate", "duration", "events"])
    let duration = try section.required("duration").duration()
    var rate = 10.0
    if let value = section["rate"] { rate = Double(try value.positiveNumber()) }
    guard rate * (duration / .seconds(1)) <= Double(Self.maximumRounds) else {
      throw node.error("rate × duration is at most \(Self.maximumRounds) rounds (actual: \(rate) × \(duration))")
    }
    var events: [Event] = []
    for item in try section.required("events").list(of: "events") {
      let event = try Event(parsing: item, agents: agents)
      guard event.at < duration else {
        throw item.error("an event is before the end (actual: \(event.at) of \(duration))")
      }
      if let last = events.last, event.at < last.at { throw item.error("events stand in the order of their times") }
      events.append(event)
    }
    self.init(rate: rate, duration: duration, events: events)
  }

  fileprivate static func behaviour(_ entry: SchemaMapping) throws(ScenarioError) -> Behaviour {
    switch try entry.required("kind").choice(of: "what agents do", from: kinds) {
    case "missing": return .silent
    case "feature-flipping":
      return .flip(amplification: try entry["amplification"]?.positiveNumber() ?? 10)
    default: return .honest
    }
  }
}

extension Timeline.Event {
  fileprivate init(parsing node: SchemaNode, agents: [AgentID]) throws(ScenarioError) {
    let entry = try node.mapping(of: "an event", keys: ["at", "agents", "kind", "amplification"])
    self.init(
      at: try entry.required("at").duration(), agents: try entry.required("agents").agents(from: agents),
      behaviour: try Timeline.behaviour(entry))
    if case .flip = behaviour { return }
    if let amplification = entry["amplification"] {
      throw amplification.error("only feature-flipping has an amplification")
    }
  }
}
