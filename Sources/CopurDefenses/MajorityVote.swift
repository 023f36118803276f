internal import CopurCore

/// The class with the most votes, the first on a tie. Votes are counted in whole numbers.
enum MajorityVote {
  /// - Parameters:
  ///   - labels: The class that each voter is for.
  ///   - classes: How many classes there are.
  /// - Returns: The votes of each class.
  static func count(_ labels: [Int], classes: Int) -> [Int] {
    var votes = [Int](repeating: 0, count: classes)
    for label in labels { votes[label] += 1 }
    return votes
  }

  /// The decision of counted votes; its probabilities are the classes' shares of them.
  static func decision(_ votes: [Int]) -> Decision {
    let total = votes.reduce(0, +)
    let most = votes.max() ?? 0
    return Decision(
      label: votes.firstIndex(of: most) ?? 0, probabilities: votes.map { Float($0) / Float(max(1, total)) })
  }
}
