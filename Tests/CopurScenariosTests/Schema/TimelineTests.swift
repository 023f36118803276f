import CopurCore
import CopurScenarios
import Testing

struct TimelineTests {
  private func scenario(_ timeline: String) throws -> Scenario {
    try Scenario(
      parsing: ScenarioDocument(
        text: "name: t\ndataset: { kind: mnist }\ntimeline:\n  \(timeline)\n", file: "s.yaml"))
  }

  @Test("Events divide the time into segments in which everybody does the same")
  func segments() throws {
    let timeline = try #require(
      try scenario(
        """
        { duration: 90s, rate: 20, events: [
            { at: 30s, kind: missing, agents: [top-left] },
            { at: 60s, kind: clean, agents: [top-left] },
            { at: 60s, kind: feature-flipping, agents: [top-right, bottom-left], amplification: 2.5 } ] }
        """
      ).timeline)
    let (left, right, below) = (try AgentID("top-left"), try AgentID("top-right"), try AgentID("bottom-left"))
    #expect(timeline.rate == 20 && timeline.duration == .seconds(90))
    #expect(timeline.segments.map(\.start) == [.zero, .seconds(30), .seconds(60)])
    #expect(timeline.segments.map(\.end) == [.seconds(30), .seconds(60), .seconds(90)])
    #expect(
      timeline.segments.map(\.behaviours) == [
        [:], [left: .silent], [right: .flip(amplification: 2.5), below: .flip(amplification: 2.5)],
      ])
    let roster = try AgentRoster(agents: [left, right, below], widths: [1, 1, 1])
    #expect(
      timeline.segments.map { $0.name(in: roster) } == [
        "0s: clean", "30s: top-left missing", "60s: top-right flips x2.5, bottom-left flips x2.5",
      ])
    #expect(timeline.segments.map { $0.rounds(rate: 20) } == [600, 600, 600])
  }

  @Test(
    "What breaks a rule is said",
    arguments: [
      ("{ duration: 10s, events: [] }", "a list of events has at least one"),
      ("{ duration: 10s, events: [{ at: 10s, kind: missing, agents: [top-left] }] }", "an event is before the end"),
      (
        "{ duration: 10s, events: [{ at: 5s, kind: clean, agents: [top-left] }, { at: 4s, kind: clean, agents: [top-left] }] }",
        "in the order of their times"
      ),
      ("{ duration: 10s, events: [{ at: 5s, kind: mising, agents: [top-left] }] }", "did you mean \"missing\"?"),
      (
        "{ duration: 10s, events: [{ at: 5s, kind: missing, agents: [top-left], amplification: 3 }] }",
        "only feature-flipping has an amplification"
      ),
      (
        "{ duration: 60m, rate: 1000, events: [{ at: 5s, kind: missing, agents: [top-left] }] }",
        "at most 1000000 rounds"
      ),
    ])
  func errors(_ timeline: String, _ message: String) {
    #expect {
      try scenario(timeline)
    } throws: {
      "\($0)".contains(message)
    }
  }

  @Test("A timeline has no attacks beside it, and is not played in one process")
  func alone() throws {
    #expect(
      throws: ScenarioError.self
    ) {
      try scenario(
        "{ duration: 10s, events: [{ at: 5s, kind: clean, agents: [top-left] }] }\nattacks: [{ name: clean }]")
    }
  }
}
