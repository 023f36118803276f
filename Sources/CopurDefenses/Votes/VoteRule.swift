internal import CopurNumerics

/// The rule by which agents' evidence becomes a class.
///
/// For each pair of classes every agent has a margin: how much more its evidence is for the one than for the other, within
/// ± ``bound``. The pair's score is the sum of the margins without the ``trim``
/// highest and the ``trim`` lowest. The class whose least score against any other is the largest is the answer: the one that
/// beats all others, where there is one. With two classes that is the sign of one sum.
///
/// A tie that trimming leaves is decided by the scores without trimming; if those tie, the first class is taken.
public struct VoteRule: Hashable, Sendable {
  /// The readings of an agent's block.
  public enum Evidence: String, Hashable, Sendable, Codable, CaseIterable {
    /// Log-odds and log-probabilities as they are, margins within ± the clip.
    case logits
    /// Probabilities at a temperature, margins within ±1: a soft vote.
    case probabilities
    /// One vote for the likeliest class, margins within ±1: a hard vote.
    case votes
  }

  /// The reading of an agent's block.
  public var evidence: Evidence
  /// The bound of a margin of logits, over 0; infinite for margins as they are.
  public var clip: Double
  /// The divisor of logits before they become probabilities, over 0.
  public var temperature: Double
  /// The number of the highest margins, and of the lowest, that are left out; under half of the agents.
  public var trim: Int

  /// - Parameters:
  ///   - clip: How far a margin of logits goes, over 0; infinite for margins as they are.
  ///   - temperature: What logits are divided by before they become probabilities, over 0.
  ///   - trim: How many of the highest margins, and of the lowest, are left out.
  public init(_ evidence: Evidence = .logits, clip: Double = 1, temperature: Double = 1, trim: Int = 0) {
    precondition(clip > 0 && temperature > 0 && trim >= 0)
    self.evidence = evidence
    self.clip = clip
    self.temperature = temperature
    self.trim = trim
  }

  /// The ``trim`` of two classes for so many liars: one more than they are, two for one liar or none, and at most what leaves the
  /// one or two margins in the middle.
  ///
  /// Where at least as many are left out as lie, liars move the sum no further than honest margins go, whatever the clip is. Leaving
  /// out more certifies more against many liars, and is evidence that is not heard where nobody lies: on later rows of five users
  /// a trim of two was right in 0.8 points more samples than the median, and certified against any one in 0.1 fewer.
  ///
  /// - Parameters:
  ///   - voters: How many agents vote.
  ///   - liars: How many of them may lie, or be silent; agents that do not vote are none of them.
  public static func trim(voters: Int, liars: Int) -> Int {
    min(max(liars, 1) + 1, max(0, (voters - 1) / 2))
  }

  /// The bound of a margin; infinite if nothing bounds it.
  public var bound: Double { evidence == .logits ? clip : 1 }

  /// The evidence of one block for each class: differences of it are margins before the clip. A block that holds all classes
  /// for alike votes for none.
  ///
  /// - Parameters:
  ///   - block: One logit for two classes, else one a class; finite.
  ///   - scores: As many as there are classes; overwritten.
  func read(_ block: ArraySlice<Float>, into scores: inout [Double]) {
    let classes = scores.count
    if classes == 2, block.count == 1 {
      (scores[0], scores[1]) = (0, Double(block[block.startIndex]))
    } else {
      for (label, value) in block.enumerated() { scores[label] = Double(value) }
    }
    switch evidence {
    case .logits: break
    case .votes:
      let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      let isVote = scores.contains { $0 != scores[best] }
      for label in 0..<classes { scores[label] = label == best && isVote ? 1 : 0 }
    case .probabilities:
      let most = scores.max() ?? 0
      var sum = 0.0
      for label in 0..<classes {
        scores[label] = ((scores[label] - most) / temperature).exponential
        sum += scores[label]
      }
      for label in 0..<classes { scores[label] /= sum }
    }
  }

  /// The sum of margins without the ``trim`` highest and lowest; sorts them.
  ///
  /// Sorted margins are summed in their order, so that the same margins give the same bits whoever has which.
  func score(_ margins: inout [Double]) -> Double {
    margins.sort()
    guard 2 * trim < margins.count else { return 0 }
    var sum = 0.0
    for index in trim..<margins.count - trim { sum += margins[index] }
    return sum
  }
}
