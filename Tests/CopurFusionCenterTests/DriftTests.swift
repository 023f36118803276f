import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import GRPCCore
import Testing

/// A running fusion center that says when its verdicts break what training promised.
@Suite struct DriftTests {
  /// Finds the second agent suspect, whatever it sends.
  private struct Accusing: Defense {
    let name: String
    let layout = roster.layout

    func decide(_ observation: Observation) -> [Decision] {
      (0..<observation.samples).map { _ in
        var decision = Decision(label: 0, probabilities: [1, 0])
        decision.suspects = [false, true, false]
        return decision
      }
    }
  }

  private func alarms(named defense: String) async throws -> (
    standing: Set<DriftMonitor.Subject>, status: Set<DriftMonitor.Subject>
  ) {
    let configuration = try FusionCenterConfiguration(
      roster: roster, modelVersion: "m", defenses: [Accusing(name: "toy"), Accusing(name: "other")], batchDelay: .zero)
    return try await withFusionCenter(configuration) { stub, center in
      center.watch(for: DriftMonitor(roster: roster, alarmLimits: [5, 5, 5], protection: nil, longestRun: 3))
      let samples = [UInt64](0..<40)
      _ = try await stub.verdicts(of: samples, defense: defense) { _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (agent, width) in [("a", 2), ("b", 1), ("c", 3)] {
            group.addTask {
              try await stub.contributing(as: agent, modelVersion: "m") { stream in
                stream.send(samples, width: width, [Float](repeating: 1, count: 40))
                try await stream.expect([Copur_V1_Receipt.Status](repeating: .accepted, count: 40))
              }
            }
          }
          try await group.waitForAll()
        }
      }
      return (center.driftAlarms.standing, center.status.alarms)
    }
  }

  @Test func anAgentThatIsSuspectForLongAndVerdictsThatAreOneClassForLongRaiseAlarms() async throws {
    let alarms = try await alarms(named: "toy")
    #expect(alarms.standing == [.agent(roster.agents[1]), .oneClass] && alarms.status == alarms.standing)
  }

  @Test func nothingWasPromisedOfADefenceThatASessionAskedFor() async throws {
    #expect(try await alarms(named: "other").standing.isEmpty)
  }
}
