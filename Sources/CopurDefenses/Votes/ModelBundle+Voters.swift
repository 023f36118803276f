internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension ModelBundle {
  /// Whether what agents send is evidence of their voters.
  var sendsEvidence: Bool { extractors.allSatisfy { $0 is VoterExtractor } }

  /// Whether a vote is all that the bundle was trained for: its agents have voters, and no row was held out to set the limits of
  /// a gate.
  package var isForVotes: Bool { sendsEvidence || centerVoters != nil && manifest.calibration.rows == 0 }

  /// A defence that decides by evidence: of agents' voters, where they send it, else of those at the fusion center.
  ///
  /// - Parameters:
  ///   - name: The defence's name in results.
  ///   - make: Builds it from the blocks of evidence, and what each agent's being missing is worth.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if there are no voters.
  func vote(
    named name: String, make: (BlockLayout, [[Float]]) -> any CenterVote.Vote
  ) throws -> any Defense {
    if let voters = extractors as? [VoterExtractor] { return make(roster.layout, voters.map(\.absence)) }
    guard let voters = centerVoters else {
      throw CopurError(
        .invalidArgument,
        "\"\(name)\" decides by the evidence of voters: train a bundle for it, with a scenario that lists it, or has the "
          + "training { extractor: voters } or { voters: { at: center } }")
    }
    let vote = make(BlockLayout(widths: voters.map(\.embeddingWidth)), voters.map(\.absence))
    return CenterVote(vote, voters: voters, layout: roster.layout)
  }
}
