/// The rows of a run by attack and defence, over seeds.
struct RunResults {
  /// An attack and who plays what part in it.
  struct Attack: Hashable {
    let name: String
    let kinds: [String]
    let goal: String?
    let compromised: [String]
    let missing: [String]
    let amplification: Double?
    /// The attacker's knowledge; nil if nobody is attacked, or the rows do not say.
    let knowledge: String?
    /// Whether the agents were searched, which then differ by defence and seed; those here are one row's.
    let isSearched: Bool

    init(_ row: ResultRow) {
      name = row.attack
      kinds = row.attackKinds
      goal = row.goal
      compromised = row.compromised
      missing = row.missing
      amplification = row.amplification
      knowledge = row.knowledge
      isSearched = row.search != nil
    }

    /// Whether nobody is attacked.
    var isClean: Bool { kinds.isEmpty }
    /// Whether all that it does is flipping, beside silence.
    var isFlipping: Bool { kinds == ["feature-flipping"] || kinds == ["missing", "feature-flipping"] }
  }

  /// All of them.
  let rows: [ResultRow]
  /// The attacks as they first occur.
  let attacks: [Attack]
  /// The defences as they first occur.
  let defenses: [String]
  /// The agents' numbers.
  let agents: AgentNumbers
  private let groups: [[String]: [ResultRow]]

  init(_ rows: [ResultRow], agents: AgentNumbers = AgentNumbers([])) {
    self.rows = rows
    self.agents = agents
    var names: Set<String> = []
    attacks = rows.filter { names.insert($0.attack).inserted }.map(Attack.init)
    names = []
    defenses = rows.filter { names.insert($0.defense).inserted }.map(\.defense)
    groups = Dictionary(grouping: rows) { [$0.attack, $0.defense] }
  }

  /// The rows of an attack against a defence, one a seed.
  func rows(_ attack: Attack, _ defense: String) -> [ResultRow] { groups[[attack.name, defense]] ?? [] }

  /// A measure over seeds; nil where no row has it.
  func summary(_ attack: Attack, _ defense: String, of measure: (ResultRow) -> Double?) -> Summary? {
    let values = rows(attack, defense).compactMap(measure)
    return values.isEmpty ? nil : Summary(values)
  }

  /// The attack of several under which a defence does worst, by balanced accuracy or another measure; nil if it was measured
  /// under none.
  func worst(
    of defense: String, among attacks: [Attack], by measure: (ResultRow) -> Double? = { $0.balancedAccuracy }
  ) -> (attack: Attack, value: Summary)? {
    attacks.compactMap { attack in
      summary(attack, defense, of: measure).map { (attack: attack, value: $0) }
    }.min { $0.value.mean < $1.value.mean }
  }
}

extension RunResults {
  /// Who does what in an attack and what the attacker knows, in words; agents with their numbers.
  func words(_ attack: Attack) -> String {
    guard let knowledge = attack.knowledge else { return actions(in: attack) }
    return "\(actions(in: attack)); knows \(KnowledgeWords.of(knowledge))"
  }

  /// Who does what, in words.
  func actions(in attack: Attack) -> String {
    if attack.isClean { return "nobody is attacked" }
    let kinds = attack.kinds.filter { $0 != "missing" && !$0.hasPrefix("worst-") }
    if attack.isSearched {
      let what = kinds.isEmpty ? "silence" : Self.words(kinds)
      return "\(what) of the worst agents, sought for each sample"
    }
    var parts: [String] = []
    if !attack.missing.isEmpty { parts.append("\(agents.words(attack.missing)) silent") }
    if !kinds.isEmpty {
      var what = Self.words(kinds)
      if let goal = attack.goal { what = "\(goal) \(what)" }
      if let amplification = attack.amplification { what += " ×\u{A0}\(Number.short(amplification))" }
      parts.append("\(agents.words(attack.compromised)): \(what)")
    }
    return parts.joined(separator: "; ")
  }

  private static func words(_ kinds: [String]) -> String {
    Number.list(kinds.map { $0.replacing("pgd", with: "PGD") })
  }
}
