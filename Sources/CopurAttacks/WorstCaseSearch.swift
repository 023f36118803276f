public import CopurCore

/// The worst agents under a budget, sample by sample: which fall silent (CoPur, Eq. 2), or which fall silent and which send
/// what an attack proposes (Eq. 3).
///
/// All choices are tried where they are few. Else agents are added one by one, each time the one that does most harm, which
/// may miss a set whose agents do harm only together. Harm is judged by the victim's own decisions.
public struct WorstCaseSearch: Sendable {
  /// The ways to search the sets.
  public enum Strategy: String, Hashable, Sendable, CaseIterable {
    /// All of them.
    case exhaustive
    /// One agent more at a time.
    case greedy
  }

  /// The blocks of which some are taken.
  public let candidates: [Int]
  /// The greatest number of agents, α·M.
  public let budget: Int
  /// The attack by which those that speak choose what they send; nil if all that are taken fall silent.
  public let attack: (any Attack)?
  /// The attacker's goal.
  public let goal: AttackGoal
  /// The most choices that are all tried.
  public let limit: Int

  /// - Precondition: `budget` is from 1 to the number of candidates, `limit` at least 1.
  public init(candidates: [Int], budget: Int, attack: (any Attack)?, goal: AttackGoal, limit: Int = 1000) {
    precondition(budget >= 1 && budget <= candidates.count && limit >= 1)
    self.candidates = candidates
    self.budget = budget
    self.attack = attack
    self.goal = goal
    self.limit = limit
  }

  /// The way in which this search will go.
  public var strategy: Strategy {
    let roles = attack == nil ? 1 : 2
    var (count, choices) = (1, 1)
    for size in 1...budget {
      let (next, overflow) = choices.multipliedReportingOverflow(by: (candidates.count - size + 1) * roles)
      if overflow { return .greedy }
      choices = next / size
      count += choices
      if count > limit { return .greedy }
    }
    return .exhaustive
  }

  /// The blocks that lie or are silent.
  struct Choice: Hashable {
    var missing: [Int] = []
    var adversarial: [Int] = []

    /// The same with one block more, in each role.
    func adding(_ block: Int, mayLie: Bool) -> [Choice] {
      let silent = Choice(missing: (missing + [block]).sorted(), adversarial: adversarial)
      let lying = Choice(missing: missing, adversarial: (adversarial + [block]).sorted())
      return mayLie ? [silent, lying] : [silent]
    }

    func contains(_ block: Int) -> Bool { missing.contains(block) || adversarial.contains(block) }
  }

  /// Finds the worst choice for each sample.
  func run(on field: AttackField) -> (choices: [Choice], received: Observation, warnings: [String]) {
    let all = Array(0..<field.labels.count)
    var search = Progress(search: self, field: field)
    search.attempt(Choice(), of: all)
    switch strategy {
    case .exhaustive:
      for choice in allChoices() { search.attempt(choice, of: all) }
    case .greedy:
      for _ in 0..<budget {
        let choices = search.choices
        let groups = Dictionary(grouping: all) { choices[$0] }.sorted { $0.value[0] < $1.value[0] }
        for (choice, members) in groups {
          for block in candidates where !choice.contains(block) {
            for next in choice.adding(block, mayLie: attack != nil) { search.attempt(next, of: members) }
          }
        }
      }
    }
    return (search.choices, search.received, search.warnings)
  }

  /// Every choice of 1 to ``budget`` blocks, smaller ones first.
  private func allChoices() -> [Choice] {
    var all: [Choice] = []
    // Each choice of the last round with the candidate it goes on from, so that none comes twice.
    var last = [(choice: Choice(), next: 0)]
    for _ in 0..<budget {
      last = last.flatMap { choice, next in
        (next..<candidates.count).flatMap { index in
          choice.adding(candidates[index], mayLie: attack != nil).map { ($0, index + 1) }
        }
      }
      all += last.map(\.choice)
    }
    return all
  }

  /// The worst so far.
  private struct Progress {
    let search: WorstCaseSearch
    let field: AttackField
    var choices: [Choice]
    var harms: [Float]
    var received: Observation
    var warnings: [String] = []

    init(search: WorstCaseSearch, field: AttackField) {
      self.search = search
      self.field = field
      choices = Array(repeating: Choice(), count: field.labels.count)
      harms = Array(repeating: -.infinity, count: field.labels.count)
      received = field.observation
    }

    /// Tries a choice on some samples; those that it harms more than any before keep it.
    mutating func attempt(_ choice: Choice, of members: [Int]) {
      guard !Task.isCancelled else { return }
      let some = members.count == field.labels.count ? field : field.selecting(members)
      let parts = search.attack.map { attack in
        choice.adversarial.isEmpty ? [] : [AttackPlan.Part(attack: attack, blocks: choice.adversarial)]
      }
      let (sent, warnings) = some.playing(missing: choice.missing, parts: parts ?? [])
      for warning in warnings where !self.warnings.contains(warning) { self.warnings.append(warning) }
      let harms = search.goal.harms(of: field.defended.decide(sent), labels: some.labels)
      for (row, member) in members.enumerated() where harms[row] > self.harms[member] {
        self.harms[member] = harms[row]
        choices[member] = choice
        received.replace(sample: member, with: row, of: sent)
      }
    }
  }
}
