import CopurCore
import CopurDefenses
import CopurNumerics
import Testing

@Suite("VoteCertifier")
struct VoteCertifierTests {
  private static let rules: [VoteRule] = [
    VoteRule(clip: 1), VoteRule(clip: 1, trim: 1), VoteRule(clip: 1, trim: 2), VoteRule(clip: .infinity, trim: 1),
    VoteRule(clip: .infinity, trim: 2), VoteRule(.probabilities, temperature: 0.5), VoteRule(.votes),
    VoteRule(.probabilities, temperature: 0.5, trim: 1),
  ]

  private func observation(agents: Int, classes: Int, samples: Int, seed: UInt64) -> Observation {
    var generator = SeededGenerator(seed: seed)
    let width = classes == 2 ? 1 : classes
    let layout = BlockLayout(widths: [Int](repeating: width, count: agents))
    var embeddings = generator.normalMatrix(rows: samples, columns: agents * width)
    // Agents agree by and large, or nothing would be certified.
    for row in 0..<samples {
      for agent in 0..<agents {
        embeddings[row, layout[agent].lowerBound + row % width] += row % 2 == 0 || classes > 2 ? 1.2 : -1.2
      }
    }
    var observation = Observation(layout: layout, embeddings: embeddings)
    for row in stride(from: 0, to: samples, by: 5) { observation.withhold(block: row % agents, of: row) }
    return observation
  }

  /// Every set of so many agents.
  private func sets(_ count: Int, of agents: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return sets(count - 1, of: agents).flatMap { set in ((set.last ?? -1) + 1..<agents).map { set + [$0] } }
  }

  /// The blocks of a sample's agents if some of them lie against a class with all they have.
  private func attacked(_ honest: Observation, by liars: [Int], towards label: Int, classes: Int) -> Observation {
    var attacked = honest
    for sample in 0..<honest.samples {
      for liar in liars {
        let far: [Float] = classes == 2 ? [label == 1 ? 1e30 : -1e30] : (0..<classes).map { $0 == label ? 1e30 : -1e30 }
        attacked.set(block: liar, of: sample, to: far)
      }
    }
    return attacked
  }

  @Test("two classes: exactly what enumerating all liars at their far ends leaves", arguments: rules.indices)
  func enumeration(index: Int) {
    let rule = Self.rules[index]
    let honest = observation(agents: 6, classes: 2, samples: 60, seed: UInt64(index))
    let defense = AgentVote(layout: honest.layout, classes: 2, rule: rule)
    let certifier = VoteCertifier(defense)
    let predictions = certifier.predictions(honest)
    for count in 0...3 {
      let certified = certifier.certifies(predictions, of: honest, against: .any(count))
      var stands = [Bool](repeating: true, count: honest.samples)
      for liars in sets(count, of: 6) {
        for label in 0..<2 {
          let lies = defense.decide(attacked(honest, by: liars, towards: label, classes: 2)).map(\.label)
          for sample in stands.indices where lies[sample] != predictions[sample] { stands[sample] = false }
        }
        let named = certifier.certifies(predictions, of: honest, against: .these(Set(liars)))
        for sample in stands.indices where certified[sample] { #expect(named[sample]) }
      }
      for sample in stands.indices {
        if certified[sample] { #expect(stands[sample], "certified, and yet it falls") }
        // A score of exactly 0 is a tie, which may go either way without a certificate.
        let score = certifier.leastScores(predictions, of: honest, against: .any(count))[sample]!
        if stands[sample], rule.evidence != .votes { #expect(certified[sample] || abs(score) < 1e-9) }
      }
      if count <= 1 { #expect(certified.contains(true)) }
      if count == 3 { #expect(certified.contains(false)) }
    }
  }

  @Test("liars who send what the certificate says is the worst leave exactly that score")
  func reached() {
    let honest = observation(agents: 7, classes: 2, samples: 40, seed: 9)
    for rule in [VoteRule(clip: 1), VoteRule(clip: 1, trim: 2)] {
      let defense = AgentVote(layout: honest.layout, classes: 2, rule: rule)
      let certifier = VoteCertifier(defense)
      let predictions = certifier.predictions(honest)
      let scores = certifier.leastScores(predictions, of: honest, against: .any(2))
      for sample in 0..<honest.samples {
        let prediction = predictions[sample]!
        let one = honest.selecting([sample])
        let reached = sets(2, of: 7).map { liars in
          let lies = attacked(one, by: liars, towards: 1 - prediction, classes: 2)
          return certifier.leastScores([prediction], of: lies, against: .any(0))[0]!
        }
        #expect(abs(reached.min()! - scores[sample]!) < 1e-12)
      }
    }
  }

  @Test("many classes: nothing that random liars send, or withhold, moves a certified sample", arguments: rules.indices)
  func randomLiars(index: Int) {
    let rule = Self.rules[index]
    let honest = observation(agents: 7, classes: 4, samples: 40, seed: 20 + UInt64(index))
    let defense = AgentVote(layout: honest.layout, classes: 4, rule: rule)
    let certifier = VoteCertifier(defense)
    let predictions = certifier.predictions(honest)
    var generator = SeededGenerator(seed: 5)
    for count in 1...2 {
      let certified = certifier.certifies(predictions, of: honest, against: .any(count))
      #expect(count > 1 || certified.contains(true))
      for liars in sets(count, of: 7) {
        for draw in 0..<6 {
          var lies = draw < 4 ? attacked(honest, by: liars, towards: draw, classes: 4) : honest
          for sample in 0..<honest.samples where draw >= 4 {
            for liar in liars {
              if draw == 4 {
                lies.withhold(block: liar, of: sample)
              } else {
                lies.set(block: liar, of: sample, to: (0..<4).map { _ in 20 * Float(generator.normal()) })
              }
            }
          }
          for (sample, decision) in defense.decide(lies).enumerated() where certified[sample] {
            #expect(decision.label == predictions[sample])
          }
        }
      }
    }
  }

  @Test("tolerances are the most liars that certificates are against, and no more than leave the quorum")
  func tolerances() {
    let honest = observation(agents: 6, classes: 2, samples: 60, seed: 3)
    for rule in Self.rules {
      for quorum in [1, 4] {
        let certifier = VoteCertifier(AgentVote(layout: honest.layout, classes: 2, rule: rule), quorum: quorum)
        let predictions = certifier.predictions(honest)
        let tolerances = certifier.tolerances(predictions, of: honest)
        for count in 0...6 {
          let certified = certifier.certifies(predictions, of: honest, against: .any(count))
          for sample in 0..<60 { #expect(certified[sample] == (tolerances[sample] ?? -1 >= count)) }
        }
        #expect(tolerances.allSatisfy { $0 ?? 0 <= 6 - quorum })
      }
    }
  }

  @Test("agents that do not vote are none that could lie")
  func without() {
    let honest = observation(agents: 6, classes: 2, samples: 60, seed: 4)
    let defense = AgentVote(layout: honest.layout, classes: 2, rule: VoteRule(), voters: [0, 2, 3, 5])
    let certifier = VoteCertifier(defense)
    let predictions = certifier.predictions(honest)
    #expect(
      certifier.certifies(predictions, of: honest, against: .these([1, 4]))
        == certifier.certifies(predictions, of: honest, against: .any(0)))
    let lies = attacked(honest, by: [1, 4], towards: 1, classes: 2)
    #expect(defense.decide(lies) == defense.decide(honest))
  }
}
