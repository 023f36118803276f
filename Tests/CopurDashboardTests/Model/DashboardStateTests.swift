import CopurCore
import CopurDashboard
import CopurFusionCenter
import Foundation
import Testing

struct DashboardStateTests {
  private func json(_ value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
  }

  private func texts(_ state: DashboardState) -> [String] { state.alarms.map { "\($0.level): \($0.text)" } }

  @Test("A round: who was heard, who is suspect, what was decided, what is right, how long it took")
  func round() throws {
    var state = DashboardState(model: SampleRounds.model(labels: [0, 1]))
    state.decided(
      [
        SampleRounds.round(1, missing: [2], suspects: [3], residual: 0.123456, certified: 2),
        SampleRounds.round(
          7, suspects: nil, traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        SampleRounds.round(0, label: nil, missing: [0, 1, 2, 3], latency: nil),
      ], lost: 0, at: .zero, date: 0)
    let update = try json(state.update(at: .seconds(1)))
    let rounds = try #require(update["rounds"] as? [[String: Any]])
    #expect(rounds.map { $0["outcomes"] as? String } == ["..-!", "....", "----"])
    #expect(rounds.map { $0["number"] as? Int } == [1, 2, 3])
    #expect(rounds.map { $0["truth"] as? Int } == [1, nil, 0])
    #expect(rounds.map { $0["label"] as? Int } == [1, 1, nil])
    #expect(rounds.map { $0["certified"] as? Int } == [2, nil, nil])
    #expect(rounds.map { $0["latency"] as? Double } == [4, 4, nil])
    #expect(rounds.map { $0["trace"] as? String } == [nil, "4bf92f3577b34da6a3ce929d0e0e4736", nil])
    let residuals = try #require(rounds[0]["residuals"] as? [Any])
    #expect(residuals.count == 4 && residuals[2] is NSNull)
    #expect(abs((residuals[0] as? Double ?? 0) - 0.123) < 1e-6)
    let now = try #require(update["now"] as? [String: Any])
    #expect(now["labelled"] as? Int == 2 && now["right"] as? Int == 1)
    #expect(now["rounds"] as? Int == 3 && now["undecided"] as? Int == 1)
    #expect(texts(state) == ["warning: session s: a round had too few blocks for a decision"])
  }

  @Test("What breaks a promise of training is an alarm, and its end is one, once each")
  func drift() throws {
    var state = DashboardState(model: SampleRounds.model())
    var status = FusionCenterStatus(phase: .serving, streams: [0, 0, 0, 0], openRounds: 0)
    status.alarms = [.certificates(liars: 1), .agent(try AgentID("b"))]
    state.looked(at: status, refused: [], date: 0)
    state.looked(at: status, refused: [], date: 1)
    #expect(state.alarms.count == 2 && texts(state).allSatisfy { $0.hasPrefix("warning: ") && $0.contains("drifted") })
    status.alarms.remove(.certificates(liars: 1))
    state.looked(at: status, refused: [], date: 2)
    #expect(state.alarms.count == 3 && texts(state)[2].hasPrefix("notice: an alarm has ended: fewer verdicts stand"))
  }

  @Test("Where the service has limits for agents, its alarms alone say who is suspect, once")
  func watched() throws {
    var state = DashboardState(model: SampleRounds.model())
    var status = FusionCenterStatus(phase: .serving, streams: [1, 1, 1, 1], openRounds: 0)
    status.watchesAgents = true
    state.looked(at: status, refused: [], date: 0)
    // Twelve odd rounds of 16, which a clean agent may have had in training.
    state.decided((0..<12).map { SampleRounds.round($0, suspects: [3]) }, lost: 0, at: .zero, date: 0)
    #expect(state.alarms.isEmpty && !state.agents[3].isSuspect)
    status.alarms = [.agent(try AgentID("d"))]
    state.looked(at: status, refused: [], date: 0)
    state.decided([SampleRounds.round(12, suspects: [3])], lost: 0, at: .zero, date: 0)
    #expect(texts(state).count == 1 && texts(state)[0].hasPrefix("warning: agent d is suspect in more rounds"))
    #expect(state.agents[3].state(streams: 1) == .suspect && !state.agents[2].isSuspect)
    status.alarms = []
    state.looked(at: status, refused: [], date: 0)
    #expect(state.agents[3].state(streams: 1) == .connected)
  }

  @Test("Beside accuracy stand a constant guess's and what is certified, of the last 200 rounds")
  func references() throws {
    var state = DashboardState(model: SampleRounds.model(labels: [0, 1, 1, 1]))
    #expect(try #require(json(state.snapshot)["now"] as? [String: Any])["certified"] == nil)
    state.decided(
      (0..<4).map { SampleRounds.round($0, label: 1, certified: $0 == 0 ? nil : Int($0) - 1) }, lost: 0, at: .zero,
      date: 7)
    let update = try json(state.update(at: .zero))
    let now = try #require(update["now"] as? [String: Any])
    #expect([now["labelled"], now["right"], now["majority"]].map { $0 as? Int } == [4, 3, 3])
    let certified = try #require(now["certified"] as? [String: Int])
    #expect(certified == ["verdicts": 3, "one": 2, "two": 1])
    #expect(try #require(update["rounds"] as? [[String: Any]]).allSatisfy { $0["at"] as? Double == 7 })
    state.decided((0..<300).map { _ in SampleRounds.round(0, label: 0) }, lost: 0, at: .zero, date: 0)
    let later = try #require(try json(state.update(at: .zero))["now"] as? [String: Any])
    #expect([later["labelled"], later["right"], later["majority"]].map { $0 as? Int } == [200, 200, 200])
  }

  @Test("An update tells what is new once; a snapshot tells everything")
  func news() throws {
    var state = DashboardState(model: SampleRounds.model())
    state.decided([SampleRounds.round(0)], lost: 0, at: .zero, date: 0)
    #expect(state.hasNews)
    #expect(try #require(json(state.update(at: .zero))["rounds"] as? [Any]).count == 1)
    #expect(!state.hasNews)
    state.decided([SampleRounds.round(1)], lost: 0, at: .zero, date: 0)
    #expect(try #require(json(state.update(at: .zero))["rounds"] as? [Any]).count == 1)
    let snapshot = try json(state.snapshot)
    #expect(try #require(snapshot["rounds"] as? [Any]).count == 2)
    #expect(snapshot["agents"] as? [String] == ["a", "b", "c", "d"] && snapshot["labels"] == nil)
  }

  @Test("However many rounds come, the newest are kept and told, and the others are counted")
  func bounds() throws {
    var state = DashboardState(model: SampleRounds.model())
    for start in stride(from: UInt64(0), to: 2000, by: 500) {
      state.decided((start..<start + 500).map { SampleRounds.round($0) }, lost: 0, at: .zero, date: 0)
    }
    let update = try json(state.update(at: .zero))
    let rounds = try #require(update["rounds"] as? [[String: Any]])
    #expect(rounds.count == 48 && rounds.last?["sample"] as? Int == 1999)
    #expect(update["skipped"] as? Int == 1952)
    #expect(try #require(json(state.snapshot)["rounds"] as? [Any]).count == 240)
    for number in 0..<300 {
      state.decided([SampleRounds.round(0, session: "s\(number)", version: "m\(number)")], lost: 0, at: .zero, date: 0)
    }
    let now = try #require(try json(state.update(at: .zero))["now"] as? [String: Any])
    #expect(try #require(now["sessions"] as? [[String: Any]]).map { $0["session"] as? String }.last == "s299")
    #expect(try #require(now["sessions"] as? [Any]).count == 8)
    #expect(state.alarms.count == 100)
  }

  @Test("An alarm when an agent becomes suspect or silent, and a notice when that is over")
  func alarms() {
    var state = DashboardState(model: SampleRounds.model())
    func play(_ count: Int, missing: Set<Int> = [], suspects: Set<Int> = []) {
      state.decided(
        (0..<count).map { SampleRounds.round(UInt64($0), missing: missing, suspects: suspects) }, lost: 0, at: .zero,
        date: 5)
    }
    play(20)
    #expect(state.alarms.isEmpty)
    play(8, suspects: [3])
    play(4, missing: [0], suspects: [3])
    play(20)
    #expect(
      texts(state) == [
        "warning: agent d is suspect", "warning: agent a has fallen silent", "notice: agent a speaks again",
        "notice: agent d is no longer suspect",
      ])
    #expect(state.alarms.map(\.number) == [1, 2, 3, 4] && state.alarms.allSatisfy { $0.at == 5 })
  }

  @Test("An alarm when the service is not ready, a peer is refused, a stream ends, rounds were lost, the model changes")
  func serviceAlarms() {
    var state = DashboardState(model: SampleRounds.model())
    func look(_ phase: FusionCenterStatus.Phase = .serving, streams: [Int], refused: Int = 0) {
      state.looked(
        at: FusionCenterStatus(phase: phase, streams: streams, openRounds: 0), refused: [("pings", refused)], date: 0)
    }
    look(streams: [1, 1, 1, 1])
    state.decided([SampleRounds.round(0)], lost: 3, at: .zero, date: 0)
    state.decided([SampleRounds.round(1, version: "m2")], lost: 0, at: .zero, date: 0)
    look(streams: [1, 1, 0, 1], refused: 2)
    look(streams: [1, 1, 0, 1], refused: 2)
    look(.failed("the journal has failed"), streams: [1, 1, 0, 1], refused: 7)
    #expect(
      texts(state) == [
        "warning: 3 rounds came faster than the dashboard takes them in; they are not shown",
        "notice: model m2 decides from now on", "warning: agent c has closed its last stream",
        "warning: refused by the rule pings: 2 times", "critical: the journal has failed",
        "warning: refused by the rule pings: 5 times",
      ])
  }

  @Test("Rounds a second are those of the last whole seconds")
  func rate() throws {
    var state = DashboardState(model: SampleRounds.model())
    for second in 0..<5 {
      state.decided(
        (0..<30).map { SampleRounds.round($0, latency: .milliseconds(Int($0) + 1)) }, lost: 0,
        at: .milliseconds(1000 * second + 500), date: 0)
    }
    let now = try #require(try json(state.update(at: .seconds(5)))["now"] as? [String: Any])
    #expect(now["rate"] as? Double == 30)
    #expect(now["rates"] as? [Int] == [30, 30, 30, 30, 30])
    #expect(now["median"] as? Double == 16 && now["tail"] as? Double == 30)
    let later = try #require(try json(state.update(at: .seconds(500)))["now"] as? [String: Any])
    #expect(later["rate"] as? Double == 0 && (later["rates"] as? [Int])?.count == 120)
  }

  @Test(
    "Numbers have the digits that are shown",
    arguments: [(0.0, 0.0), (0.123456, 0.123), (12.3456, 12.3), (-1234.5, -1235), (1e-5, 1e-5), (999.96, 1000)])
  func digits(_ number: Double, _ expected: Double) {
    #expect(abs(number.rounded(digits: 3) - expected) < 1e-9)
  }
}
