import CopurAttacks
import CopurCore
import CopurLearning
import CopurNumerics
import Testing

/// Eq. 2 and 3 against all sets written out.
@Suite("The worst agents under a budget")
struct WorstCaseSearchTests {
  let layout = BlockLayout(widths: [2, 2, 2, 2])
  let clean: Observation
  let model: FusionModel
  let labels: [Int]

  init() {
    var generator = SeededGenerator(seed: 21)
    clean = Observation(layout: layout, embeddings: generator.normalMatrix(rows: 12, columns: 8))
    model = FusionModel(
      network: DenseNetwork(widths: [8, 6, 1], hidden: .leakyReLU(slope: 0.2), using: &generator), classes: 2)
    labels = (0..<12).map { $0 % 2 }
  }

  private func outcome(_ search: WorstCaseSearch, missing: [Int] = []) throws -> AttackOutcome {
    try AttackPlan(missing: missing, parts: [], search: search).apply(to: clean, labels: labels, victim: model)
  }

  /// The probability of each sample's class.
  private func probabilities(_ received: Observation) -> [Float] {
    zip(model.decide(received), labels).map { $0.probabilities[$1] }
  }

  /// The least probability over all ways to give each of four agents one of the roles.
  private func bruteForce(budget: Int, flipping: Float?) throws -> [Float] {
    var least = [Float](repeating: 1, count: 12)
    let roles = flipping == nil ? 2 : 3
    for code in 0..<roles * roles * roles * roles {
      let role = [code, code / roles, code / roles / roles, code / roles / roles / roles].map { $0 % roles }
      guard role.count(where: { $0 != 0 }) <= budget else { continue }
      let lying = (0..<4).filter { role[$0] == 2 }
      let received = try AttackPlan(
        missing: (0..<4).filter { role[$0] == 1 },
        parts: lying.isEmpty ? [] : [.init(attack: FeatureFlipping(amplification: flipping ?? 1), blocks: lying)]
      ).apply(to: clean, labels: labels, victim: model).received
      for (sample, value) in probabilities(received).enumerated() { least[sample] = min(least[sample], value) }
    }
    return least
  }

  @Test("the worst missing set is that of brute force (Eq. 2)", arguments: 1...3)
  func missing(budget: Int) throws {
    let found = try outcome(
      WorstCaseSearch(candidates: [0, 1, 2, 3], budget: budget, attack: nil, goal: .untargeted))
    #expect(found.strategy == .exhaustive && found.compromised.isEmpty && found.changeNorm == nil)
    #expect(try probabilities(found.received) == bruteForce(budget: budget, flipping: nil))
    for sample in 0..<12 { #expect(found.received.observedCount(of: sample) >= 4 - budget) }
    #expect(
      found.missing
        == (0..<4).filter { block in (0..<12).contains { !found.received.isObserved(block: block, of: $0) } })
  }

  @Test("the worst combination is that of brute force (Eq. 3)", arguments: 1...2)
  func combination(budget: Int) throws {
    let found = try outcome(
      WorstCaseSearch(
        candidates: [0, 1, 2, 3], budget: budget, attack: FeatureFlipping(amplification: 3), goal: .untargeted))
    #expect(found.strategy == .exhaustive)
    #expect(try probabilities(found.received) == bruteForce(budget: budget, flipping: 3))
    #expect(!found.compromised.isEmpty && (found.changeNorm ?? 0) > 0)
  }

  @Test("beyond the limit it is greedy and says so: right for one agent, never better than all sets for more")
  func greedy() throws {
    func search(_ budget: Int, limit: Int) -> WorstCaseSearch {
      WorstCaseSearch(candidates: [0, 1, 2, 3], budget: budget, attack: nil, goal: .untargeted, limit: limit)
    }
    // 1 + 4 + 6 sets of at most two of four.
    #expect(search(2, limit: 11).strategy == .exhaustive && search(2, limit: 10).strategy == .greedy)
    #expect(try outcome(search(1, limit: 1)).received == outcome(search(1, limit: 100)).received)
    let (greedy, exact) = (try outcome(search(3, limit: 1)), try outcome(search(3, limit: 100)))
    #expect(greedy.strategy == .greedy)
    for (a, b) in zip(probabilities(greedy.received), probabilities(exact.received)) { #expect(a >= b) }
    for (a, b) in zip(probabilities(greedy.received), probabilities(clean)) { #expect(a <= b) }
    let huge = WorstCaseSearch(
      candidates: Array(0..<200), budget: 100, attack: FeatureFlipping(amplification: 1), goal: .untargeted)
    #expect(huge.strategy == .greedy)
  }

  @Test("others stay as they are, and an agent that is missing anyway is no candidate")
  func rules() throws {
    let search = WorstCaseSearch(candidates: [1, 2], budget: 2, attack: nil, goal: .untargeted)
    let found = try outcome(search, missing: [0]).received
    #expect((0..<12).allSatisfy { !found.isObserved(block: 0, of: $0) && found.isObserved(block: 3, of: $0) })
    #expect(throws: CopurError.self) { try AttackPlan(missing: [1], parts: [], search: search) }
  }
}
