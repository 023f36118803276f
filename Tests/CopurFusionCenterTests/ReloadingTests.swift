import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import GRPCCore
import Testing

/// Exchanging the model of a running fusion center.
@Suite struct ReloadingTests {
  /// Decides for the class that is its version's.
  private struct VersionedDefense: Defense {
    let name = "toy"
    let layout = roster.layout
    let label: Int

    func decide(_ observation: Observation) -> [Decision] {
      (0..<observation.samples).map { _ in
        Decision(label: label, probabilities: label == 0 ? [1, 0] : [0, 1])
      }
    }
  }

  @Test func fiftyReloadsUnderLoadFailNoRoundAndEachNamesTheModelThatDecidedIt() async throws {
    let initial = try FusionCenterConfiguration(
      roster: roster, modelVersion: "m0", defenses: [VersionedDefense(label: 0)], quorum: 1,
      patience: .none, batch: 3, batchDelay: .zero)
    try await withFusionCenter(initial) { stub, center in
      let samples = [UInt64](0..<2000)
      let verdicts = try await stub.verdicts(of: samples) { _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (agent, width) in [("a", 2), ("b", 1), ("c", 3)] {
            group.addTask {
              try await stub.contributing(as: agent, modelVersion: "m0") { stream in
                for start in stride(from: 0, to: samples.count, by: 20) {
                  let part = Array(samples[start..<start + 20])
                  stream.send(part, width: width, [Float](repeating: 1, count: 20))
                  try await stream.expect([Copur_V1_Receipt.Status](repeating: .accepted, count: 20))
                }
              }
            }
          }
          group.addTask {
            for version in 1...50 {
              try center.reload(
                roster: roster, version: "m\(version)", defenses: [VersionedDefense(label: version % 2)])
              for _ in 0..<20 { await Task.yield() }
            }
          }
          try await group.waitForAll()
        }
      }
      #expect(verdicts.count == samples.count)
      for verdict in verdicts {
        let version = try #require(Int(verdict.modelVersion.dropFirst()))
        #expect(verdict.decision?.label == version % 2)
      }
      #expect(center.model.version == "m50")
      // Agents that were started with the first model are as welcome as those of the last one.
      let old = try await stub.join(join("b", width: 1, model: "m0"))
      #expect(old.modelVersion == "m0")
      let new = try await stub.join(join("b", width: 1, model: "m50"))
      #expect(new.modelVersion == "m50")
      let other = await failure { _ = try await stub.join(join("b", width: 1, model: "m51")) }
      #expect(other?.code == .failedPrecondition)
    }
  }

  @Test func aModelThatDoesNotFitIsRefusedAndTheOldOneStays() async throws {
    try await withFusionCenter(configuration()) { stub, center in
      let others = try [
        AgentRoster(agents: roster.agents, widths: roster.layout.widths.map { $0 + 1 }),
        AgentRoster(agents: roster.agents.reversed(), widths: roster.layout.widths.reversed()),
      ]
      for other in others {
        #expect(throws: CopurError.self) {
          try center.reload(roster: other, version: "m2", defenses: [ToyDefense(layout: other.layout)])
        }
      }
      for defenses in [[ToyDefense("other")], [], [ToyDefense(), ToyDefense("second")]] {
        #expect(throws: CopurError.self) { try center.reload(roster: roster, version: "m2", defenses: defenses) }
      }
      #expect(throws: CopurError.self) { try center.reload(roster: roster, version: "", defenses: [ToyDefense()]) }
      #expect(center.model.version == "m1")
      #expect(try await stub.join(join("a", width: 2)).modelVersion == "m1")
    }
  }
}
