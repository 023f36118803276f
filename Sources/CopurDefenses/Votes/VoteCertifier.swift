public import CopurCore
internal import CopurNumerics

/// Certificates of a vote's predictions, exact in closed form: no agents can change them, whatever they send or withhold.
///
/// A score falls when a margin falls, so the worst that agents can do is to send margins of −bound, and the worst agents are
/// those with the highest margins: with v sorted downwards, of M voters any q leave at worst the score of v_(q+1) … v_(M) and
/// q times −bound. A prediction is certified if it keeps a score over 0 against every other class; it then beats all of them.
/// For two classes that is exact: liars who send their bound against the prediction leave that very score. For more it is
/// sound, and liars who cannot win with any class alone might still not be told apart from those who can.
///
/// A voter that is missing may be one that starts to lie: its margin counts as any other. A score that rounding alone
/// could turn is not certified.
public struct VoteCertifier: PredictionCertifier {
  /// The defence whose predictions are certified.
  public let defense: AgentVote
  public let quorum: Int
  public var isCheap: Bool { true }

  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  public init(_ defense: AgentVote, quorum: Int = 1) {
    precondition(quorum >= 1)
    self.defense = defense
    self.quorum = quorum
  }

  public func predictions(_ observation: Observation) -> [Int?] {
    predicted(defense.decide(observation), of: observation)
  }

  public func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    leastScores(predictions, of: observation, against: compromised).enumerated().map { sample, score in
      guard let score, leastContributors(of: observation, sample, compromised) >= quorum else { return false }
      return score > 0
    }
  }

  /// The least score against any other class that compromised agents can leave each prediction; nil where there is no
  /// prediction. What rounding may take is taken off.
  ///
  /// - Parameters:
  ///   - predictions: What ``predictions(_:)`` gives for the observation.
  ///   - observation: What honest agents send.
  public func leastScores(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Double?] {
    precondition(predictions.count == observation.samples)
    var ballot = Ballot(of: defense)
    var margins = [Double](repeating: 0, count: defense.voters.count)
    let liars = liars(compromised)
    return predictions.enumerated().map { sample, prediction in
      guard let prediction else { return nil }
      ballot.read(observation, sample: sample)
      var least = Double.infinity
      for other in 0..<defense.classes where other != prediction {
        ballot.fillMargins(prediction, over: other, into: &margins)
        switch liars {
        case .these(let voters):
          for voter in voters { margins[voter] = -defense.rule.bound }
          margins.sort()
          least = min(least, score(margins[...], liars: 0))
        case .any(let count):
          margins.sort()
          least = min(least, score(margins.dropLast(count), liars: min(count, margins.count)))
        }
      }
      return least
    }
  }

  public func tolerances(_ predictions: [Int?], of observation: Observation) -> [Int?] {
    precondition(predictions.count == observation.samples)
    var ballot = Ballot(of: defense)
    var margins = [Double](repeating: 0, count: defense.voters.count)
    let others = observation.layout.count - defense.voters.count
    return predictions.enumerated().map { sample, prediction in
      guard let prediction else { return nil }
      ballot.read(observation, sample: sample)
      // No more than leave the quorum.
      var most = observation.observedCount(of: sample) - quorum
      for other in 0..<defense.classes where other != prediction && most >= 0 {
        ballot.fillMargins(prediction, over: other, into: &margins)
        margins.sort()
        var count = -1
        // Agents that do not vote are none that would be worth lying.
        while count < min(most, margins.count),
          score(margins[..<(margins.count - (count + 1))], liars: count + 1) > 0
        {
          count += 1
        }
        most = min(most, count == margins.count ? count + others : count)
      }
      return most >= 0 ? most : nil
    }
  }

  /// The score of sorted margins and of liars' margins of −bound, less what rounding may have added.
  private func score(_ sorted: ArraySlice<Double>, liars: Int) -> Double {
    let (trim, count) = (defense.rule.trim, sorted.count + liars)
    guard 2 * trim < count else { return 0 }
    var (sum, size) = (0.0, 0.0)
    let bound = defense.rule.bound
    for index in trim..<count - trim {
      let margin = index < liars ? -bound : sorted[sorted.startIndex + index - liars]
      sum += margin
      size += abs(margin)
    }
    return sum - size * Double(count) * 0x1p-52
  }

  private enum Liars {
    case these([Int])
    case any(Int)
  }

  private func liars(_ compromised: CompromisedAgents) -> Liars {
    switch compromised {
    case .these(let agents): .these(defense.voters.indices.filter { agents.contains(defense.voters[$0]) })
    case .any(let count): .any(count)
    }
  }
}

extension AgentVote: CertifiableDefense {
  public func toleranceCertifier(quorum: Int) -> any ToleranceCertifier { VoteCertifier(self, quorum: quorum) }
}
