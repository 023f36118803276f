import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import Testing

@Suite("DoubleMasking")
struct DoubleMaskingTests {
  private func sets(_ count: Int, of agents: Int) -> [Set<Int>] {
    AgentSubsets.all(agents: agents, keep: count).map { Set($0) }
  }

  /// The definition, over any function that says a class without some agents.
  private func candidates(agents: Int, liars: Int, _ model: (Set<Int>) -> Int) -> Set<Int> {
    var candidates: Set<Int> = []
    for first in sets(liars, of: agents) {
      let said = Set(sets(liars, of: agents).filter { $0.isDisjoint(with: first) }.map { model(first.union($0)) })
      if said.count == 1 { candidates.formUnion(said) }
    }
    return candidates
  }

  @Test("for evidence of two classes the definition is the sum without the highest and the lowest", arguments: [1, 2])
  func evidence(liars: Int) {
    var generator = SeededGenerator(seed: 1)
    let layout = BlockLayout(widths: [Int](repeating: 1, count: 6))
    let embeddings = generator.normalMatrix(rows: 80, columns: 6)
    let vote = AgentVote(layout: layout, classes: 2, rule: VoteRule(clip: .infinity, trim: liars))
    let defense = DoubleMasking(name: "dm", model: .evidence(vote), liars: liars)
    let observation = Observation(layout: layout, embeddings: embeddings)
    let decisions = defense.decide(observation).map(\.label)
    let certifier = defense.predictionCertifier(quorum: 1)
    let certified = certifier.certifies(decisions, of: observation, against: .any(liars))
    for row in 0..<80 {
      func model(_ masked: Set<Int>) -> Int {
        (0..<6).filter { !masked.contains($0) }.reduce(0.0) { $0 + Double(embeddings[row, $1]) } > 0 ? 1 : 0
      }
      #expect(candidates(agents: 6, liars: liars, model) == [decisions[row]])
      #expect(certified[row] == sets(2 * liars, of: 6).allSatisfy { model($0) == decisions[row] })
    }
    #expect(certified.contains(true) && certified.contains(false))
  }

  private func models(agents: Int, liars: Int, seed: UInt64) -> (MaskedModels, BlockLayout) {
    var generator = SeededGenerator(seed: seed)
    let layout = BlockLayout(widths: [Int](repeating: 2, count: agents))
    let network = DenseNetwork(widths: [2 * agents, 6, 3], hidden: .leakyReLU(slope: 0.2), using: &generator)
    let subsets = AgentSubsets(agents: agents, keep: agents - 2 * liars, draws: 1, using: &generator)
    return (
      MaskedModels(
        RandomizedAblation(
          layout: layout, model: FusionModel(network: network, classes: 3),
          null: [Float](repeating: 0, count: 2 * agents), subsets: subsets), liars: liars), layout
    )
  }

  @Test("a joint model decides by the definition, over all of its answers")
  func definition() {
    let single = [(4, 1), (5, 1), (5, 2), (6, 2)].map { agents, liars in
      singleCandidates(agents: agents, liars: liars)
    }
    #expect(single.allSatisfy { $0 > 0 } && single.contains { $0 < 60 })
  }

  /// The number of 60 rows with a single candidate, each compared with the definition.
  private func singleCandidates(agents: Int, liars: Int) -> Int {
    let (models, layout) = models(agents: agents, liars: liars, seed: 2)
    var generator = SeededGenerator(seed: 3)
    let observation = Observation(
      layout: layout, embeddings: generator.normalMatrix(rows: 60, columns: 2 * agents, standardDeviation: 3))
    let labels = models.labels(observation)
    var single = 0
    for (row, decision) in models.decide(observation).enumerated() {
      let expected = candidates(agents: agents, liars: liars) { masked in
        let kept = (0..<agents).filter { !masked.contains($0) }
        return labels[row][models.ablation.subsets.members.firstIndex(of: kept)!]
      }
      #expect(models.candidates(labels[row]) == expected)
      if expected.count == 1 {
        #expect(expected.contains(decision.label))
        single += 1
      }
    }
    return single
  }

  @Test("no certified row falls, whatever every model that sees a liar says", arguments: [(4, 1), (5, 1), (6, 2)])
  func worstAnswers(agents: Int, liars: Int) {
    let (models, layout) = models(agents: agents, liars: liars, seed: 4)
    var generator = SeededGenerator(seed: 5)
    var embeddings = generator.normalMatrix(rows: 60, columns: 2 * agents, standardDeviation: 0.3)
    for row in 0..<60 { for column in 0..<2 * agents { embeddings[row, column] += Float(row % 3) - 1 } }
    let observation = Observation(layout: layout, embeddings: embeddings)
    let certifier = MaskingCertifier(models, quorum: 1)
    let predictions = certifier.predictions(observation)
    let honest = models.labels(observation)
    for count in 1...liars {
      let certified = certifier.certifies(predictions, of: observation, against: .any(count))
      #expect(certified.contains(true))
      for set in sets(count, of: agents) {
        let named = certifier.certifies(predictions, of: observation, against: .these(set))
        for row in 0..<60 where certified[row] || named[row] {
          for draw in 0..<12 {
            // All of one class, or any.
            let lies = zip(honest[row], models.ablation.subsets.members).map { label, members in
              set.isDisjoint(with: members) ? label : draw < 3 ? draw : Int.random(in: 0..<3, using: &generator)
            }
            let candidates = models.candidates(lies)
            #expect(candidates == [predictions[row]!])
          }
        }
      }
      if count == liars {
        // For as many liars as it is made for: every model without twice as many agents says so, and only then.
        for row in 0..<60 { #expect(certified[row] == (Set(honest[row]) == [predictions[row]!])) }
      }
    }
    #expect(certifier.certifies(predictions, of: observation, against: .any(liars + 1)).allSatisfy { !$0 })
  }

  @Test("a model that is asked for each agent alone too: summed log-probabilities, and no other agent's say")
  func together() {
    var generator = SeededGenerator(seed: 7)
    let layout = BlockLayout(widths: [2, 2, 2, 2])
    let network = DenseNetwork(widths: [8, 6, 3], hidden: .leakyReLU(slope: 0.2), using: &generator)
    let model = FusionModel(network: network, classes: 3)
    func ablation(keep: Int) -> RandomizedAblation {
      RandomizedAblation(
        layout: layout, model: model, null: [Float](repeating: 0, count: 8),
        subsets: AgentSubsets(agents: 4, keep: keep, draws: 1, using: &generator))
    }
    let models = MaskedModels(ablation(keep: 2), alone: ablation(keep: 1), liars: 1)
    let plain = MaskedModels(ablation(keep: 2), liars: 1)
    let embeddings = generator.normalMatrix(rows: 40, columns: 8, standardDeviation: 2)
    let observation = Observation(layout: layout, embeddings: embeddings)
    func logProbabilities(_ row: Int, of kept: [Int]) -> [Double] {
      var input = Matrix(rows: 1, columns: 8)
      for agent in kept { for column in layout[agent] { input[0, column] = embeddings[row, column] } }
      return ClassificationLoss.softmax.logProbabilities(of: network.infer(input)).values.map(Double.init)
    }
    var changed = 0
    for (row, labels) in models.labels(observation).enumerated() {
      for (members, label) in zip(models.ablation.subsets.members, labels) {
        let sums = (0..<3).map { label in
          logProbabilities(row, of: members)[label]
            + members.reduce(0) { $0 + logProbabilities(row, of: [$1])[label] }
        }
        #expect(sums[label] > sums.max()! - 1e-4)
      }
      if labels != plain.labels(observation)[row] { changed += 1 }
    }
    #expect(changed > 0)
    // What an agent sends changes no subset without it.
    var lied = embeddings
    for row in 0..<40 { for column in layout[3] { lied[row, column] = 1e6 } }
    let lies = models.labels(Observation(layout: layout, embeddings: lied))
    for (honest, lies) in zip(models.labels(observation), lies) {
      for (index, members) in models.ablation.subsets.members.enumerated() where !members.contains(3) {
        #expect(honest[index] == lies[index])
      }
    }
  }
}
