import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Certificates of randomized ablation's predictions")
struct AblationCertifierTests {
  private static let samples = 40

  /// A vote of all subsets of two of the agents, each with a block of width 2.
  private func defense(agents: Int, keep: Int = 2, classes: Int = 2) -> RandomizedAblation {
    var generator = SeededGenerator(seed: 3, purpose: "ablation certificates")
    let layout = BlockLayout(widths: [Int](repeating: 2, count: agents))
    let logits = ClassificationLoss(classes: classes).logits(classes: classes)
    let network = DenseNetwork(widths: [layout.totalWidth, 6, logits], hidden: .relu, using: &generator)
    return RandomizedAblation(
      layout: layout, model: FusionModel(network: network, classes: classes),
      null: [Float](repeating: 0, count: layout.totalWidth),
      subsets: AgentSubsets(agents: agents, keep: keep, draws: 1, using: &generator))
  }

  private func observation(of defense: RandomizedAblation, seed: UInt64 = 1) -> Observation {
    var generator = SeededGenerator(seed: seed)
    return Observation(
      layout: defense.layout,
      embeddings: generator.normalMatrix(
        rows: Self.samples, columns: defense.layout.totalWidth, standardDeviation: 2))
  }

  /// The class that each subset is for, by a defence in which it alone votes.
  private func labels(_ defense: RandomizedAblation, _ observation: Observation) -> [[Int]] {
    let voters = defense.subsets.members.map { members in
      var masked = observation
      for block in 0..<observation.layout.count where !members.contains(block) {
        for sample in 0..<observation.samples { masked.withhold(block: block, of: sample) }
      }
      // Withheld blocks are NULL, so every subset of the others sees what this one sees; that of all members is one of them.
      return defense.model.decide(masked.embeddings).map(\.label)
    }
    return (0..<observation.samples).map { sample in voters.map { $0[sample] } }
  }

  @Test("Exactly those that no votes of the subsets with a compromised agent can change", arguments: [(2, 2), (1, 3)])
  func bruteForce(keep: Int, classes: Int) {
    let defense = defense(agents: 4, keep: keep, classes: classes)
    let observation = observation(of: defense)
    let certifier = AblationCertifier(defense)
    let predictions = certifier.predictions(observation)
    let labels = labels(defense, observation)
    #expect(
      labels.map { labels in (0..<classes).map { label in labels.count { $0 == label } } } == defense.votes(observation)
    )
    var outcomes: Set<Bool> = []
    for set in [[0], [3], [1, 2]] as [Set<Int>] {
      let certified = certifier.certifies(predictions, of: observation, against: .these(set))
      let open = defense.subsets.members.indices.filter { !set.isDisjoint(with: defense.subsets.members[$0]) }
      for sample in 0..<Self.samples {
        var assignments = 1
        for _ in open { assignments *= classes }
        let isSafe = (0..<assignments).allSatisfy { assignment in
          var (votes, rest) = (labels[sample], assignment)
          for voter in open { (rest, votes[voter]) = rest.quotientAndRemainder(dividingBy: classes) }
          let counts = (0..<classes).map { label in votes.count { $0 == label } }
          return counts.firstIndex(of: counts.max() ?? 0) == predictions[sample]
        }
        #expect(certified[sample] == isSafe, "agents \(set), sample \(sample)")
        outcomes.insert(isSafe)
      }
    }
    #expect(outcomes == [true, false])
  }

  @Test("What is certified against any q agents is what is certified against each set of them, and q is the largest")
  func anyAgents() {
    let defense = defense(agents: 6)
    let observation = observation(of: defense)
    let certifier = AblationCertifier(defense)
    let predictions = certifier.predictions(observation)
    func everySet(of count: Int) -> [Bool] {
      let sets = (0..<1 << 6).map { mask in Set((0..<6).filter { mask & 1 << $0 != 0 }) }.filter { $0.count == count }
      return sets.map { certifier.certifies(predictions, of: observation, against: .these($0)) }
        .reduce([Bool](repeating: true, count: Self.samples)) { zip($0, $1).map { $0 && $1 } }
    }
    let tolerances = certifier.tolerances(predictions, of: observation)
    for count in 0...2 {
      let certified = certifier.certifies(predictions, of: observation, against: .any(count))
      #expect(certified == everySet(of: count))
      #expect(certified == tolerances.map { $0 ?? -1 >= count })
    }
    #expect(Set(tolerances).isSuperset(of: [0, 1]) && !tolerances.contains(nil))
  }

  @Test("What is certified survives whatever is sent, and silence")
  func survival() {
    let defense = defense(agents: 6)
    let observation = observation(of: defense)
    let certifier = AblationCertifier(defense)
    let predictions = certifier.predictions(observation)
    let certified = certifier.certifies(predictions, of: observation, against: .these([2]))
    #expect(certified.contains(true) && certified.contains(false))
    var changed = 0
    for (seed, size) in zip(UInt64(0)..., [0.1, 1, 10, 100, 1e6] as [Float]) {
      var generator = SeededGenerator(seed: seed)
      var embeddings = observation.embeddings
      for sample in 0..<Self.samples {
        for column in defense.layout[2] { embeddings[sample, column] = size * Float(generator.normal()) }
      }
      var attacked = Observation(layout: defense.layout, embeddings: embeddings)
      if seed == 0 { for sample in 0..<Self.samples { attacked.withhold(block: 2, of: sample) } }
      for (sample, label) in certifier.predictions(attacked).enumerated() {
        if certified[sample] {
          #expect(label == predictions[sample])
        } else if label != predictions[sample] {
          changed += 1
        }
      }
    }
    #expect(changed > 0)
  }

  @Test("Where there are too many sets to look at, what is certified is certified against those that are looked at")
  func manyAgents() {
    // 10626 sets of four.
    let defense = defense(agents: 24, keep: 1)
    let observation = observation(of: defense)
    let certifier = AblationCertifier(defense)
    let predictions = certifier.predictions(observation)
    let certified = certifier.certifies(predictions, of: observation, against: .any(4))
    #expect(certified.contains(true) && certified.contains(false))
    for set in [[0, 1, 2, 3], [4, 9, 17, 23], [20, 21, 22, 23]] as [Set<Int>] {
      let named = certifier.certifies(predictions, of: observation, against: .these(set))
      #expect(zip(certified, named).allSatisfy { !$0 || $1 })
    }
  }

  @Test("A prediction that silence can prevent is not certified")
  func quorum() {
    let defense = defense(agents: 6)
    var observation = observation(of: defense)
    for sample in 0..<Self.samples { observation.withhold(block: 5, of: sample) }
    let predictions = AblationCertifier(defense, quorum: 5).predictions(observation)
    let free = AblationCertifier(defense).certifies(predictions, of: observation, against: .these([5]))
    #expect(free.contains(true))
    #expect(AblationCertifier(defense, quorum: 6).predictions(observation).allSatisfy { $0 == nil })
    #expect(
      AblationCertifier(defense, quorum: 6).certifies(predictions, of: observation, against: .these([5]))
        .allSatisfy { !$0 })
    #expect(AblationCertifier(defense, quorum: 5).certifies(predictions, of: observation, against: .these([5])) == free)
  }
}
