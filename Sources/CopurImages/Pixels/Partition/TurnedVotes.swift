/// A way to count what voters give to the classes.
package protocol VoteRule: Sendable {
  /// The number of classes.
  var classes: Int { get }

  /// The class that wins.
  ///
  /// - Parameter given: What each voter says of each class, [voters, classes].
  func label(_ given: UnsafeBufferPointer<Int32>) -> Int

  /// The most voters of a range that can be turned, whichever and however, while a class still wins.
  ///
  /// - Parameters:
  ///   - given: What each voter says of each class, [voters, classes].
  ///   - label: The class that wins.
  ///   - voters: Whom the attacker may turn.
  /// - Returns: At most the number of voters in the range.
  func radius(_ given: UnsafeBufferPointer<Int32>, label: Int, voters: Range<Int>) -> Int
}

/// Votes of one sample in whole numbers, and how many voters of an agent can be turned before another class wins.
///
/// Each voter gives every class from 0 to `unit`, as `unit` to one class and 0 to the others (votes), or in parts. A turned voter
/// gives all to one class. The class with the largest sum wins, the first one on a tie. Against class c an attacker gains
/// w_y − w_c + unit by a voter, so the ρ voters with the most of it are the worst case, and the answer is exact (Levine and
/// Feizi 2021 for votes; Hammoudeh and Lowd 2024 for parts of the features).
package struct TurnedVotes: VoteRule {
  /// The number of classes.
  package let classes: Int
  /// The most that a voter gives to a class.
  package let unit: Int32

  /// - Precondition: Sums of all voters are within 2³⁰, so that margins are within the numbers used.
  package init(classes: Int, voters: Int, unit: Int32) {
    precondition(classes >= 1 && unit >= 1 && voters * Int(unit) <= 1 << 30)
    self.classes = classes
    self.unit = unit
  }

  /// The class with the largest sum, the first one on a tie.
  package func label(_ given: UnsafeBufferPointer<Int32>) -> Int {
    var (best, most) = (0, Int32.min)
    for label in 0..<classes {
      var sum: Int32 = 0
      for place in stride(from: label, to: given.count, by: classes) { sum += given[place] }
      if sum > most { (best, most) = (label, sum) }
    }
    return best
  }

  package func radius(_ given: UnsafeBufferPointer<Int32>, label: Int, voters: Range<Int>) -> Int {
    var radius = voters.count
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, voters.count)) { gains in
      for rival in 0..<classes where rival != label {
        var margin: Int32 = 0
        for place in stride(from: 0, to: given.count, by: classes) {
          margin += given[place + label] - given[place + rival]
        }
        // On a tie the first class wins.
        if rival < label { margin -= 1 }
        for (index, voter) in voters.enumerated() {
          gains[index] = given[voter * classes + label] - given[voter * classes + rival] + unit
        }
        let turned = unit == 1 ? countedByKind : counted
        radius = min(radius, turned(margin, gains, voters.count))
      }
    }
    return radius
  }

  /// The number of gains, the largest first, that a margin bears before it is below 0.
  private func counted(_ margin: Int32, _ gains: UnsafeMutableBufferPointer<Int32>, _ count: Int) -> Int {
    var gains = UnsafeMutableBufferPointer(rebasing: gains[..<count])
    gains.sort(by: >)
    var left = margin
    for (index, gain) in gains.enumerated() {
      left -= gain
      if left < 0 { return index }
    }
    return count
  }

  /// The same where gains are 0, 1 and 2.
  private func countedByKind(_ margin: Int32, _ gains: UnsafeMutableBufferPointer<Int32>, _ count: Int) -> Int {
    var (twos, ones) = (0, 0)
    for index in 0..<count {
      if gains[index] == 2 { twos += 1 } else if gains[index] == 1 { ones += 1 }
    }
    let margin = Int(margin)
    if margin < 0 { return 0 }
    if margin < 2 * twos { return margin / 2 }
    return margin - 2 * twos < ones ? twos + margin - 2 * twos : count
  }
}
