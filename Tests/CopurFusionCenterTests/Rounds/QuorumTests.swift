import CopurFusionCenter
import Testing

@Suite struct QuorumTests {
  @Test(
    "Of ten agents with a liar six decide; of four three; of three two",
    arguments: [
      (10, 1, 6), (10, 2, 7), (10, 3, 7), (4, 1, 3), (3, 1, 2), (2, 1, 2), (1, 0, 1), (1000, 1, 501), (10, 0, 5),
    ])
  func examples(agents: Int, liars: Int, quorum: Int) {
    #expect(Quorum.fitting(agents: agents, liars: liars, missing: 0) == quorum)
  }

  /// The promise of the documentation, for every roster up to 40 agents.
  @Test func liarsNeitherHaveItAloneNorDenyIt() {
    for agents in 2...40 {
      for liars in 0..<agents {
        for missing in 0..<(agents - liars) {
          let quorum = Quorum.fitting(agents: agents, liars: liars, missing: missing)
          let (words, honest) = ("M \(agents), q \(liars), m \(missing)", agents - liars - missing)
          #expect(quorum > liars && (1...agents).contains(quorum), "\(words)")
          if agents >= 2 * liars + 1 + missing { #expect(quorum <= honest, "denied: \(words)") }
          if agents >= 3 * liars + 1 + missing { #expect(quorum - liars > liars, "no honest majority: \(words)") }
        }
      }
    }
  }
}
