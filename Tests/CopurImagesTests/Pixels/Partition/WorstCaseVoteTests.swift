import CopurImages
import CopurNumerics
import Foundation
import Testing

@Suite("WorstCaseVote")
struct WorstCaseVoteTests {
  /// The loss in double precision, straight from its definition.
  private func reference(_ vote: WorstCaseVote, _ logits: [Matrix], _ labels: [Int]) -> Double {
    let total = labels.indices.reduce(0.0) { total, sample in
      func shares(_ submodel: Int, _ sharpness: Double) -> [Double] {
        let powers = (0..<vote.classes).map { exp(sharpness * Double(logits[submodel][$0, sample])) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
      let sharp = logits.indices.map { shares($0, Double(vote.sharpness)) }
      let label = labels[sample]
      let margins = (0..<vote.classes).filter { $0 != label }.map { rival in
        let differences = sharp.map { $0[label] - $0[rival] }
        let losses = vote.agents.map { agent in
          differences[agent].map { $0 + 1 }.sorted(by: >).prefix(vote.turned).reduce(0, +)
        }
        return differences.reduce(0, +) - (losses.max() ?? 0)
      }
      let own = logits.indices.reduce(0.0) { $0 - log(shares($1, 1)[label]) }
      return total + log1p(exp(-(margins.min() ?? 0))) + Double(vote.ownWeight) * own
    }
    return total / Double(labels.count)
  }

  private let cases: [(agents: [Range<Int>], turned: Int)] = [
    ([0..<7], 0), ([0..<7], 3), ([0..<7], 7), ([0..<3, 3..<5, 5..<7], 1), ([0..<3, 3..<7], 3), ([0..<2, 2..<7], 9),
  ]

  @Test("the loss is as defined, and its gradient as finite differences say", arguments: 0..<6)
  func gradient(index: Int) {
    let (agents, turned) = cases[index]
    let vote = WorstCaseVote(classes: 4, agents: agents, turned: turned, sharpness: 2, ownWeight: 0.5)
    var generator = SeededGenerator(seed: 20 + UInt64(index))
    var logits = (0..<7).map { _ in generator.normalMatrix(rows: 4, columns: 16) }
    let labels = (0..<16).map { _ in Int(generator.next() % 4) }
    let (value, gradients) = vote(logits, labels: labels)
    #expect(abs(value - reference(vote, logits, labels)) < 1e-5)
    let step: Float = 1e-3
    for submodel in 0..<7 {
      for element in stride(from: submodel, to: 64, by: 5) {
        let kept = logits[submodel].values[element]
        logits[submodel].values[element] = kept + step
        let above = reference(vote, logits, labels)
        logits[submodel].values[element] = kept - step
        let below = reference(vote, logits, labels)
        logits[submodel].values[element] = kept
        let expected = (above - below) / Double(2 * step)
        #expect(abs(expected - Double(gradients[submodel].values[element])) < 1e-4, "\(submodel), \(element)")
      }
    }
  }

  @Test("of equal submodels as many are turned as the attacker may")
  func ties() {
    let vote = WorstCaseVote(classes: 2, agents: [0..<5], turned: 2, sharpness: 2, ownWeight: 0)
    let logits = [Matrix](repeating: Matrix(rows: 2, columns: 8), count: 5)
    let (value, gradients) = vote(logits, labels: [0, 1, 0, 1, 0, 1, 0, 1])
    // Five d of 0, less 2 · (0 + 1): softplus(2).
    #expect(abs(value - log1p(exp(2.0))) < 1e-6)
    #expect(gradients.count { $0.values.contains { $0 != 0 } } == 3)
  }

  @Test("logits far apart give finite numbers")
  func extremes() {
    let vote = WorstCaseVote(classes: 3, agents: [0..<2], turned: 1, sharpness: 2, ownWeight: 1)
    var logits = [Matrix](repeating: Matrix(rows: 3, columns: 8), count: 2)
    logits[0][0, 0] = 1e30
    logits[1][2, 0] = -1e30
    logits[1][1, 1] = 3e4
    let (value, gradients) = vote(logits, labels: [1, 0, 2, 0, 1, 2, 0, 1])
    #expect(value.isFinite && gradients.allSatisfy(\.isFinite))
  }
}
