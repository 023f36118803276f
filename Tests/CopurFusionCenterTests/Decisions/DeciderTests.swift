import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

@Suite("Certificates in verdicts") struct CertifiedVerdictTests {
  private static let cheap = CertifiedDefense("cheap", isCheap: true)
  private static let costly = CertifiedDefense("costly", isCheap: false)

  /// The certified agents of the verdicts on samples 0 to 2 by each defence, of which all agents speak, the first is missing,
  /// and too few are there.
  private func certified(_ certification: Certification) async throws -> [String: [Int?]] {
    let defenses: [any Defense] = [Self.cheap, Self.costly, ToyDefense("none")]
    let configuration = try FusionCenterConfiguration(
      roster: roster, modelVersion: "m1", defenses: defenses, quorum: 2, patience: .none,
      certification: certification)
    let clock = ManualClock()
    return try await withFusionCenter(configuration, clock: clock) { stub, _ in
      var certified: [String: [Int?]] = [:]
      for name in defenses.map(\.name) {
        let verdicts = try await stub.verdicts(of: [0, 1, 2], in: name, defense: name) { _ in
          for (index, agent) in roster.agents.enumerated() {
            let samples: [UInt64] = [[0], [0, 1], [0, 1, 2]][index]
            try await stub.contributing(as: agent.name) { stream in
              stream.send(samples, width: roster.layout.widths[index], samples.map { _ in 1 }, in: name)
              try await stream.expect(samples.map { _ in .accepted })
            }
          }
          // One round's deadline, and the end of one in which a single agent spoke.
          clock.advance(by: .seconds(3))
        }
        certified[name] = verdicts.sorted { $0.sample < $1.sample }.map {
          $0.decision?.certifiedAgents
        }
      }
      return certified
    }
  }

  @Test(
    "A certificate is of what came: missing agents are missing, the quorum is the service's, and no decision has none")
  func ofWhatCame() async throws {
    #expect(try await certified(.always) == ["cheap": [1, 0, nil], "costly": [1, 0, nil], "none": [nil, nil, nil]])
  }

  @Test("Unasked, only cheap ones; none where nobody wants any")
  func wanted() async throws {
    #expect(
      try await certified(.cheap) == ["cheap": [1, 0, nil], "costly": [nil, nil, nil], "none": [nil, nil, nil]])
    #expect(try await certified(.never).values.allSatisfy { $0 == [nil, nil, nil] })
  }
}
