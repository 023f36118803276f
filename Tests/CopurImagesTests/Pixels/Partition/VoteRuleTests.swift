import CopurImages
import CopurNumerics
import Testing

@Suite("Votes with turned voters")
struct VoteRuleTests {
  private func label(_ rule: some VoteRule, _ given: [Int32]) -> Int { given.withUnsafeBufferPointer(rule.label) }

  private func radius(_ rule: some VoteRule, _ given: [Int32], _ voters: Range<Int>) -> Int {
    given.withUnsafeBufferPointer { rule.radius($0, label: rule.label($0), voters: voters) }
  }

  /// Whether k voters of a range can be turned so that another class wins, by trying all of them and all that they can say.
  private func canTurn(
    _ rule: some VoteRule, _ given: [Int32], _ count: Int, of voters: Range<Int>, saying: [[Int32]]
  ) -> Bool {
    let label = label(rule, given)
    func turn(_ given: [Int32], from: Int, left: Int) -> Bool {
      if self.label(rule, given) != label { return true }
      guard left > 0 else { return false }
      for voter in from..<max(from, voters.upperBound) {
        for words in saying {
          var turned = given
          for index in 0..<rule.classes { turned[voter * rule.classes + index] = words[index] }
          if turn(turned, from: voter + 1, left: left - 1) { return true }
        }
      }
      return false
    }
    return turn(given, from: voters.lowerBound, left: count)
  }

  private func permutations(_ count: Int) -> [[Int32]] {
    if count == 0 { return [[]] }
    return permutations(count - 1).flatMap { rest in
      (0..<count).map { place in Array(rest[..<place]) + [Int32(count - 1)] + Array(rest[place...]) }
    }
  }

  private func votes(_ counts: [Int]) -> [Int32] {
    counts.indices.flatMap { label in
      (0..<counts[label]).flatMap { _ in counts.indices.map { $0 == label ? Int32(1) : 0 } }
    }
  }

  @Test(
    "⌊(votes(y) − votes(c) − [a tie is against y]) / 2⌋, the least over c",
    arguments: [
      ([5, 0, 0], 0, 2), ([4, 1, 0], 0, 1), ([3, 2, 0], 0, 0), ([2, 3, 0], 1, 0), ([0, 5, 0], 1, 2), ([0, 6, 0], 1, 2),
      ([6, 0, 0], 0, 3), ([2, 2, 2], 0, 0), ([0, 2, 2], 1, 0), ([1, 0, 8], 2, 3), ([1, 1, 9], 2, 3),
    ])
  func plurality(counts: [Int], winner: Int, expected: Int) {
    let rule = TurnedVotes(classes: 3, voters: 64, unit: 1)
    let given = votes(counts)
    #expect(label(rule, given) == winner)
    let total = counts.reduce(0, +)
    #expect(radius(rule, given, 0..<total) == expected)
    let formula = (0..<3).filter { $0 != winner }.map { (counts[winner] - counts[$0] - ($0 < winner ? 1 : 0)) / 2 }
      .min()
    #expect(expected == formula)
  }

  @Test("the radius of votes is exact, for all voters and for those of one agent")
  func exactVotes() {
    var generator = SeededGenerator(seed: 11)
    let rule = TurnedVotes(classes: 3, voters: 7, unit: 1)
    let saying: [[Int32]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    for _ in 0..<40 {
      let favourite = Int(generator.next() % 3)
      let given = (0..<7).flatMap { _ in
        saying[generator.uniform() < 0.5 ? favourite : Int(generator.next() % 3)]
      }
      for voters in [0..<7, 0..<3, 3..<7] {
        let radius = radius(rule, given, voters)
        #expect(!canTurn(rule, given, radius, of: voters, saying: saying))
        if radius < voters.count { #expect(canTurn(rule, given, radius + 1, of: voters, saying: saying)) }
      }
    }
  }

  @Test("the radius of sums is exact against voters who give all to one class")
  func exactSums() {
    var generator = SeededGenerator(seed: 12)
    let rule = TurnedVotes(classes: 3, voters: 6, unit: 8)
    let saying: [[Int32]] = [[8, 0, 0], [0, 8, 0], [0, 0, 8]]
    for _ in 0..<40 {
      let given = (0..<6).flatMap { _ -> [Int32] in
        let first = Int32(generator.next() % 9)
        let second = Int32(generator.next() % UInt64(9 - first))
        return [second, first, 8 - first - second]
      }
      for voters in [0..<6, 0..<2, 2..<6] {
        let radius = radius(rule, given, voters)
        #expect(!canTurn(rule, given, radius, of: voters, saying: saying))
        if radius < voters.count { #expect(canTurn(rule, given, radius + 1, of: voters, saying: saying)) }
      }
    }
  }

  @Test("a run-off is between the two that most put first, the first class on ties")
  func runOff() {
    let rule = RunOffVotes(classes: 3)
    // Places: 2 for the first.
    let (first, second, third): ([Int32], [Int32], [Int32]) = ([2, 1, 0], [0, 2, 1], [0, 1, 2])
    // 0 has most, but those for 2 prefer 1.
    #expect(label(rule, first + first + first + second + second + third + third) == 1)
    #expect(label(rule, first + first + second + second) == 0)
    #expect(label(rule, second + third) == 1)
    #expect(label(rule, third) == 2)
  }

  @Test("the radius of a run-off is never too large, and mostly exact")
  func soundRunOff() {
    var generator = SeededGenerator(seed: 13)
    let rule = RunOffVotes(classes: 3)
    let saying = permutations(3)
    var (exact, all) = (0, 0)
    for _ in 0..<60 {
      let favourite = saying[Int(generator.next() % 6)]
      let given = (0..<6).flatMap { _ in
        generator.uniform() < 0.5 ? favourite : saying[Int(generator.next() % 6)]
      }
      for voters in [0..<6, 0..<2, 2..<6] {
        let radius = radius(rule, given, voters)
        #expect(radius >= 0 && radius <= voters.count)
        #expect(radius > 2 || !canTurn(rule, given, radius, of: voters, saying: saying))
        guard radius < 2, radius < voters.count else { continue }
        all += 1
        exact += canTurn(rule, given, radius + 1, of: voters, saying: saying) ? 1 : 0
      }
    }
    #expect(all > 100 && exact * 10 >= all * 9, "\(exact) of \(all)")
  }

  @Test("the same with four classes, where two may get ahead together")
  func soundRunOffOfFour() {
    var generator = SeededGenerator(seed: 14)
    let rule = RunOffVotes(classes: 4)
    let saying = permutations(4)
    for _ in 0..<60 {
      let given = (0..<5).flatMap { _ in
        generator.uniform() < 0.5 ? [3, 2, 1, 0] : saying[Int(generator.next() % 24)]
      }
      let radius = radius(rule, given, 0..<5)
      #expect(radius > 2 || !canTurn(rule, given, radius, of: 0..<5, saying: saying))
    }
  }

  @Test("a run-off bears more than plurality where the others' voters come back")
  func gain() {
    let rule = RunOffVotes(classes: 10)
    // Ten voters for 0, seven for 1; 13 for others who prefer 0 to 1.
    func voter(_ first: Int, _ second: Int) -> [Int32] {
      let order = [first, second] + (0..<10).reversed().filter { $0 != first && $0 != second }
      var places = [Int32](repeating: 0, count: 10)
      for (place, label) in order.enumerated() { places[label] = Int32(9 - place) }
      return places
    }
    let given =
      (0..<10).flatMap { _ in voter(0, 2) } + (0..<7).flatMap { _ in voter(1, 2) }
      + (0..<13).flatMap { voter(2 + $0 % 8, 0) }
    #expect(label(rule, given) == 0)
    // By plurality (10 − 7) / 2 = 1. Here 2 and 1 have to get ahead together, or 1 in the second round of 23 to 7.
    #expect(radius(rule, given, 0..<30) == 4)
  }
}
