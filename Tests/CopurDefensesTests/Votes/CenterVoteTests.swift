import CopurAttacks
import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import Testing

@Suite("CenterVote")
struct CenterVoteTests {
  private static let agents = 5
  private let layout = BlockLayout(widths: [Int](repeating: 3, count: Self.agents))

  /// Blocks of which each says something of the class.
  private func rows(_ count: Int, classes: Int, seed: UInt64) -> (observation: Observation, labels: [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { $0 % classes }
    var embeddings = generator.normalMatrix(rows: count, columns: layout.totalWidth)
    for (row, label) in labels.enumerated() {
      for agent in 0..<layout.count { embeddings[row, layout[agent].lowerBound + label % 3] += 1.5 }
    }
    return (Observation(layout: layout, embeddings: embeddings), labels)
  }

  private enum Members { case networks, trees, both }

  private func voters(_ members: Members, classes: Int) -> [VoterExtractor] {
    let (clean, labels) = rows(300, classes: classes, seed: 5)
    var generator = SeededGenerator(seed: 6)
    return (0..<layout.count).map { agent in
      let own = clean.embeddings.columns(layout[agent])
      let standardizer = Standardizer(fitting: own)
      let outputs = ClassificationLoss(classes: classes).logits(classes: classes)
      var all: [VoterExtractor.Member] = []
      if members != .trees {
        all.append(
          .network(Network(DenseNetwork(widths: [3, 6, outputs], hidden: .leakyReLU(slope: 0.2), using: &generator))))
      }
      if members != .networks {
        all.append(
          .forest(
            RandomizedForest(
              .init(trees: 20, leaf: 5), fitting: VoterExtractor.inputs(own, standardizer), labels: labels,
              classes: classes, classWeights: nil, using: &generator)))
      }
      return VoterExtractor(
        standardizer: standardizer, members: all, classes: classes,
        absence: (0..<outputs).map { Float(agent + $0) / 4 - 0.3 })
    }
  }

  private func vote(_ voters: [VoterExtractor], clip: Double = 1, trim: Int = 0) -> CenterVote {
    let evidence = BlockLayout(widths: voters.map(\.embeddingWidth))
    return CenterVote(
      AgentVote(
        layout: evidence, classes: voters[0].classes, rule: VoteRule(clip: clip, trim: trim),
        absence: voters.map(\.absence)), voters: voters, layout: layout)
  }

  @Test("It decides and certifies what the vote does of what voters with the agents would send", arguments: [2, 3])
  func evidence(classes: Int) throws {
    let voters = voters(.both, classes: classes)
    let defense = vote(voters, trim: 1)
    var (received, _) = rows(60, classes: classes, seed: 9)
    for row in stride(from: 0, to: 60, by: 4) { received.withhold(block: row % 5, of: row) }
    var sent = Observation(layout: defense.vote.layout, samples: 60)
    for row in 0..<60 {
      for agent in 0..<5 where received.isObserved(block: agent, of: row) {
        // One row at a time, as an agent would.
        let block = received.embeddings.columns(layout[agent]).selecting(rows: [row])
        sent.set(block: agent, of: row, to: voters[agent].embed(block).values)
      }
    }
    #expect(defense.decide(received) == defense.vote.decide(sent))
    let certifier = try #require(try defense.certifier(quorum: 1))
    let ofEvidence = try #require(try defense.vote.certifier(quorum: 1))
    let predictions = certifier.predictions(received)
    #expect(predictions == ofEvidence.predictions(sent) && certifier.isCheap)
    let tolerances = certifier.tolerances(predictions, of: received)
    #expect(tolerances == ofEvidence.tolerances(predictions, of: sent))
    #expect(Set(tolerances.compactMap { $0 }).count > 1, "some are certified against more than others")
    for against: CompromisedAgents in [.any(1), .these([1, 3])] {
      #expect(
        certifier.certifies(predictions, of: received, against: against)
          == ofEvidence.certifies(predictions, of: sent, against: against))
    }
  }

  @Test("Its gradient is that of the mean evidence by each agent's embeddings", arguments: [2, 3])
  func gradient(classes: Int) {
    let defense = vote(voters(.networks, classes: classes))
    var (received, labels) = rows(8, classes: classes, seed: 3)
    received.withhold(block: 2, of: 5)
    let seeds = [UInt64](repeating: 0, count: 8)
    let analytic = defense.lossGradient(received, labels: labels, seeds: seeds)
    #expect(analytic.gradient.values.contains { abs($0) > 1e-3 })
    let step: Float = 1e-3
    for column in 0..<layout.totalWidth {
      func losses(_ offset: Float) -> [Float] {
        var moved = received.embeddings
        for row in 0..<8 { moved[row, column] += offset }
        let there = received.replacing(blocks: Array(0..<5), with: moved)
        return defense.lossGradient(there, labels: labels, seeds: seeds).losses
      }
      let (up, down) = (losses(step), losses(-step))
      for row in 0..<8 {
        let numeric = (up[row] - down[row]) / (2 * step)
        #expect(abs(numeric - analytic.gradient[row, column]) < 5e-3, "row \(row), column \(column)")
      }
    }
    #expect(defense.gradientCaveat?.contains("trees") == false)
  }

  /// Trees have no gradient, and yet an attacker with recordings does all that the certificate allows for where they reach the
  /// bound.
  @Test("Trees hide nothing from an attacker: what it leaves is what is certified")
  func attacked() throws {
    let defense = vote(voters(.trees, classes: 2), clip: 0.2)
    #expect(defense.gradientCaveat?.contains("trees") == true)
    let (recorded, recordedLabels) = rows(300, classes: 2, seed: 5)
    let (received, labels) = rows(120, classes: 2, seed: 11)
    let certifier = try #require(try defense.certifier(quorum: 1))
    let predictions = certifier.predictions(received)
    let attack = AdaptiveDescent(
      descent: ProjectedGradientDescent(goal: .untargeted, step: 0.5, iterations: 2), restarts: 1)
    var fallen = 0
    for liars in [[0], [1, 3], [0, 2, 4]] {
      let outcome = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: liars)]).apply(
        to: received, labels: labels, victim: defense, defended: defense,
        context: AttackContext(recordings: Recordings(recorded, labels: recordedLabels)))
      let left = defense.decide(outcome.received).map(\.label)
      let certified = certifier.certifies(predictions, of: received, against: .these(Set(liars)))
      for row in labels.indices where predictions[row] == labels[row] {
        // What is wrong anyway is nothing to attack.
        #expect(certified[row] == (left[row] == labels[row]), "liars \(liars), row \(row)")
        fallen += certified[row] ? 0 : 1
      }
    }
    #expect(fallen > 10)
  }
}
