/// A run-off of one sample: the two classes that most voters put first meet again, and of these the one that more voters
/// prefer wins; and how many voters can be turned before another class wins (Hammoudeh and Lowd 2024, "run-off"; Rezaei et al.
/// 2023, "Run-Off Election"). On ties the first class is ahead.
///
/// Let y be the winner. With k turned voters another class wins only if
///
/// - two classes get ahead of y in the first round, or
/// - a class c gets ahead of all others but y there, and of y in the second round.
///
/// Each is a set of gaps that have to be closed by the same k voters. The least k that closes each gap by itself, and both
/// gaps of the first case together, is a bound from below: the radius is never too large, though it may be too small.
package struct RunOffVotes: VoteRule {
  package let classes: Int

  /// - Parameter classes: At least 2.
  package init(classes: Int) {
    precondition(classes >= 2)
    self.classes = classes
  }

  /// The class that wins.
  ///
  /// - Parameter given: The place of each class in each voter's order, from `classes` − 1 for the first one down to 0,
  ///   [voters, classes].
  package func label(_ given: UnsafeBufferPointer<Int32>) -> Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: classes) { votes in
      count(given, voters: 0..<given.count / classes, into: votes)
      var first = 0
      for label in 1..<classes where votes[label] > votes[first] { first = label }
      var second = first == 0 ? 1 : 0
      for label in 0..<classes where label != first && votes[label] > votes[second] { second = label }
      let (low, high) = (min(first, second), max(first, second))
      var lead = 0
      for place in stride(from: 0, to: given.count, by: classes) {
        lead += given[place + low] > given[place + high] ? 1 : -1
      }
      return lead >= 0 ? low : high
    }
  }

  package func radius(_ given: UnsafeBufferPointer<Int32>, label: Int, voters: Range<Int>) -> Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * classes) { memory in
      let all = UnsafeMutableBufferPointer(rebasing: memory[..<classes])
      let reached = UnsafeMutableBufferPointer(rebasing: memory[classes..<2 * classes])
      /// The least k with which a class gets ahead of y in the first round; voters.count + 1 for never.
      let ahead = UnsafeMutableBufferPointer(rebasing: memory[2 * classes..<3 * classes])
      count(given, voters: 0..<given.count / classes, into: all)
      count(given, voters: voters, into: reached)
      let size = voters.count
      /// The part of a lead that has to go until `rival` is ahead of `leader`.
      func need(_ lead: Int, _ leader: Int, _ rival: Int) -> Int { lead + (rival > leader ? 1 : 0) }
      for rival in 0..<classes where rival != label {
        ahead[rival] = Self.least(
          need(all[label] - all[rival], label, rival), most: 2, reached[label],
          then: size - reached[label] - reached[rival])
      }
      var least = size + 1
      for rival in 0..<classes where rival != label {
        for other in 0..<rival where other != label {
          // A voter for y that is turned to one of the two closes 2 of its gap and 1 of the other's.
          let both = Self.least(
            need(all[label] - all[rival], label, rival) + need(all[label] - all[other], label, other), most: 3,
            reached[label], then: size - reached[label] - reached[rival] - reached[other])
          least = min(least, max(both, ahead[rival], ahead[other]))
        }
        var (lead, friends) = (0, 0)
        for (voter, place) in stride(from: 0, to: given.count, by: classes).enumerated() {
          let isFriend = given[place + label] > given[place + rival]
          lead += isFriend ? 1 : -1
          if isFriend, voters.contains(voter) { friends += 1 }
        }
        var second = Self.least(need(lead, label, rival), most: 2, friends, then: 0)
        for other in 0..<classes where other != label && other != rival {
          second = max(
            second,
            Self.least(
              need(all[other] - all[rival], other, rival), most: 2, reached[other],
              then: size - reached[other] - reached[rival]))
        }
        least = min(least, second)
      }
      return least - 1
    }
  }

  /// The least number of voters that close a gap: some close `most` of it, then others 1 each.
  ///
  /// - Returns: One more than there are voters of use, or more, where it cannot be closed.
  private static func least(_ gap: Int, most: Int, _ count: Int, then others: Int) -> Int {
    if gap <= 0 { return 0 }
    if gap <= most * count { return (gap + most - 1) / most }
    let rest = gap - most * count
    return rest <= others ? count + rest : .max
  }

  /// The number of voters that put each class first.
  private func count(
    _ given: UnsafeBufferPointer<Int32>, voters: Range<Int>, into votes: UnsafeMutableBufferPointer<Int>
  ) {
    votes.update(repeating: 0)
    for voter in voters {
      for label in 0..<classes where given[voter * classes + label] == Int32(classes - 1) { votes[label] += 1 }
    }
  }
}
