public import CopurCore
public import CopurNumerics

/// A vote or double masking whose evidence is that of voters at the fusion center, each of which reads one agent's embeddings
/// alone.
///
/// An agent that lies decides nothing but its own voters' evidence, so that what the vote certifies of any evidence holds of
/// any embeddings. The voters may not reach every evidence that the certificate allows for: it is then a bound from below.
public struct CenterVote: CertifiableDefense {
  /// A defence that decides by evidence.
  public typealias Vote = CertifiableDefense & Victim

  /// The vote that decides by the evidence.
  public let vote: any Vote
  /// The voters of each agent.
  public let voters: [VoterExtractor]
  /// The blocks that agents send.
  public let layout: BlockLayout

  /// - Precondition: Voters for each block of the layout, as wide as it, whose evidence the vote takes.
  public init(_ vote: any Vote, voters: [VoterExtractor], layout: BlockLayout) {
    precondition(voters.map(\.inputWidth) == layout.widths && voters.map(\.embeddingWidth) == vote.layout.widths)
    self.vote = vote
    self.voters = voters
    self.layout = layout
  }

  public var name: String { vote.name }

  public func decide(_ observation: Observation) -> [Decision] { vote.decide(evidence(in: observation)) }

  public func toleranceCertifier(quorum: Int) throws -> any ToleranceCertifier {
    guard let certifier = try vote.toleranceCertifier(quorum: quorum) as? any PredictionCertifier else {
      throw CopurError(.software, "a vote's certifier says which predictions it certifies")
    }
    return CenterVoteCertifier(defense: self, certifier: certifier)
  }

  /// The evidence that the voters make of embeddings; an agent that is missing stays missing.
  package func evidence(in observation: Observation) -> Observation {
    precondition(observation.layout == layout)
    var evidence = Observation(layout: vote.layout, samples: observation.samples)
    for (agent, voter) in voters.enumerated() {
      let heard = observation.samples(observing: agent)
      guard !heard.isEmpty else { continue }
      let values = voter.embed(observation.embeddings.columns(layout[agent]).selecting(rows: heard))
      for (row, sample) in heard.enumerated() { evidence.set(block: agent, of: sample, to: values[row: row]) }
    }
    return evidence
  }
}

extension CenterVote: Victim {
  public var classes: Int { vote.classes }
  public var isRandomized: Bool { vote.isRandomized }

  public var gradientCaveat: String? {
    let trees = voters.contains(where: \.hasTrees) ? "the trees among \(name)'s voters have no gradient" : nil
    let caveats = [vote.gradientCaveat, trees].compactMap { $0 }
    return caveats.isEmpty ? nil : caveats.joined(separator: "; ")
  }

  public func evidence(of block: Int, in rows: Matrix) -> Matrix? {
    let values = voters[block].embed(rows)
    guard classes == 2 else { return values }
    return Matrix(rows: rows.rows, columns: 2) { output in
      for row in 0..<rows.rows { (output[2 * row], output[2 * row + 1]) = (0, values[row, 0]) }
    }
  }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    var result = vote.lossGradient(evidence(in: observation), labels: labels, seeds: seeds)
    var gradient = Matrix(rows: observation.samples, columns: layout.totalWidth)
    for (agent, voter) in voters.enumerated() {
      gradient.replaceColumns(
        layout[agent],
        with: voter.pullback(
          observation.embeddings.columns(layout[agent]),
          evidenceGradient: result.gradient.columns(vote.layout[agent])))
    }
    result.gradient = gradient
    return result
  }
}

/// Certificates of a vote by voters at the fusion center: those of the vote, of what the voters make of embeddings.
struct CenterVoteCertifier: PredictionCertifier {
  let defense: CenterVote
  let certifier: any PredictionCertifier

  var quorum: Int { certifier.quorum }
  var isCheap: Bool { certifier.isCheap }

  func predictions(_ observation: Observation) -> [Int?] { certifier.predictions(defense.evidence(in: observation)) }

  func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    certifier.certifies(predictions, of: defense.evidence(in: observation), against: compromised)
  }

  func tolerances(_ predictions: [Int?], of observation: Observation) -> [Int?] {
    certifier.tolerances(predictions, of: defense.evidence(in: observation))
  }
}
