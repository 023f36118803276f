import CopurCore
import CopurDashboard
import CopurJointTraining
import CopurTraining
import Foundation
import Testing

struct TrainingStateTests {
  private static let model = TrainingModel(
    name: "toy", kind: "synchronous training, seed 0", jointTrainings: 2, epochs: 50, holdsOut: true)

  private static func status(
    _ presences: [TrainingCenterStatus.Agent.Presence], jobs: [TrainingCenterStatus.Job] = [],
    phase: TrainingCenterStatus.Phase = .training, score: Float? = nil, completed: Int = 1
  ) throws -> TrainingCenterStatus {
    TrainingCenterStatus(
      phase: phase,
      agents: try presences.enumerated().map { index, presence in
        TrainingCenterStatus.Agent(
          name: try AgentID("a\(index)"), presence: presence, features: 3, rows: 10,
          traffic: .init(received: 100, sent: 50), answerTime: .milliseconds(2))
      }, jobs: jobs, progress: TrainingProgress(stage: "holding rows out", completed: completed, total: 4),
      heldOutScore: score)
  }

  private static func job(_ name: String, epoch: Int, loss: Float? = 0.5, isOver: Bool = false)
    -> TrainingCenterStatus.Job
  {
    .init(name: name, epochs: 50, epoch: epoch, loss: loss, batches: 27 * epoch, isOver: isOver)
  }

  /// What a page is told, as it gets it.
  private static func json(_ value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
  }

  @Test("Time left is what is left of all joint trainings, those that have not begun among them")
  func timeLeft() throws {
    var state = TrainingState(model: Self.model, status: try Self.status([.away], phase: .waiting))
    state.looked(at: try Self.status([.connected], jobs: [Self.job("one, 0", epoch: 0)]), now: .seconds(10), date: 0)
    #expect(state.snapshot.now.left == nil)
    state.looked(at: try Self.status([.connected], jobs: [Self.job("one, 0", epoch: 10)]), now: .seconds(15), date: 0)
    // Ten epochs took five seconds, and 90 are left.
    #expect(state.snapshot.now.left == 45 && state.snapshot.now.share == 0.1)
    #expect(state.snapshot.now.rate == 54 && state.snapshot.now.stage == "holding rows out, 1 of 4")
    // Four parts of another work, of which one took two seconds, come before the other joint training.
    let one = [Self.job("one, 0", epoch: 50, isOver: true)]
    state.looked(at: try Self.status([.connected], jobs: one, completed: 0), now: .seconds(35), date: 0)
    #expect(state.snapshot.now.left == 25)
    state.looked(at: try Self.status([.connected], jobs: one, completed: 1), now: .seconds(37), date: 0)
    #expect(state.snapshot.now.left == 31)
    let over = [Self.job("one, 0", epoch: 50, isOver: true), Self.job("all rows, 0", epoch: 50, isOver: true)]
    state.looked(
      at: try Self.status([.away], jobs: over, phase: .finished(modelVersion: "m")), now: .seconds(70), date: 0)
    #expect(state.snapshot.now.left == 0 && state.snapshot.now.share == 1 && state.snapshot.now.phase == "finished")
  }

  @Test("Each epoch's loss is told once, and a long training keeps a bounded number of them, the last among them")
  func curves() throws {
    var state = TrainingState(model: Self.model, status: try Self.status([.connected]))
    var told = 0
    for epoch in 0...3000 {
      let loss: Float? = epoch == 0 ? nil : 1 / Float(epoch)
      let jobs = [Self.job("one, 0", epoch: epoch, loss: loss)]
      for _ in 0..<2 { state.looked(at: try Self.status([.connected], jobs: jobs), now: .seconds(epoch), date: 0) }
      told += state.update(at: .seconds(epoch)).points.count
    }
    #expect(told == 3000)
    let curve = try #require(state.snapshot.curves.first)
    #expect(curve.count <= LossCurve.limit && curve.count > LossCurve.limit / 4)
    #expect(curve.last == [3000, Double(1 / Float(3000))])
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0[0] < $1[0] })
  }

  @Test("Agents that come, are late, go and are left out are events, and numbers that are not finite are left out")
  func events() throws {
    var state = TrainingState(model: Self.model, status: try Self.status([.away, .away], phase: .waiting))
    let steps: [[TrainingCenterStatus.Agent.Presence]] = [
      [.connected, .connected], [.late, .connected], [.connected, .away], [.connected, .leftOut],
    ]
    for (second, presences) in steps.enumerated() {
      let jobs = second == 0 ? [] : [Self.job("without run 1, 0f", epoch: 1, loss: .nan)]
      state.looked(
        at: try Self.status(presences, jobs: jobs, score: second == 3 ? 0.853 : nil), now: .seconds(second), date: 0)
    }
    let update = state.update(at: .seconds(4))
    #expect(
      update.alarms.map(\.text) == [
        "agent a0 is there", "agent a1 is there", "every agent is there", "agent a0 is late",
        "a joint training begins: without run 1", "agent a0 answers", "agent a1 is away",
        "agent a1 is left out from now on", "on held-out rows 85.3 %",
      ])
    #expect(update.points.isEmpty && !state.hasNews)
    let now = try #require(try Self.json(state.snapshot)["now"] as? [String: Any])
    #expect(now["received"] as? Int == 200 && now["sent"] as? Int == 100)
    let jobs = try #require(now["jobs"] as? [[String: Any]])
    #expect(jobs.count == 1 && jobs[0]["loss"] == nil && jobs[0]["name"] as? String == "without run 1")
  }

  @Test("A training that has failed says why")
  func failure() throws {
    var state = TrainingState(model: Self.model, status: try Self.status([.connected]))
    state.looked(at: try Self.status([.connected], phase: .failed("the loss is nan")), now: .seconds(1), date: 0)
    #expect(state.update(at: .seconds(1)).alarms.map(\.text) == ["the loss is nan"])
    let now = try #require(try Self.json(state.snapshot)["now"] as? [String: Any])
    #expect(now["phase"] as? String == "failed" && now["reason"] as? String == "the loss is nan")
  }
}
