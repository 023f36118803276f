/// The table that a run prints: attacks down, defences across, accuracy and balanced accuracy in percent. The first row is
/// the worst of each defence's; the last column says what an attacker knows.
///
/// With more than one seed a cell is mean ± standard deviation. On a terminal the best accuracy of a row is bold, and
/// what is no better than always guessing the most frequent class is red.
public struct ResultTable {
  private let rows: [ResultRow]
  private let attacks: [String]
  private let defenses: [String]

  /// - Parameter rows: The rows of one scenario and one mode; attacks and defences are listed as they first occur.
  public init(_ rows: [ResultRow]) {
    self.rows = rows
    attacks = rows.map(\.attack).uniqued
    defenses = rows.map(\.defense).uniqued
  }

  /// The table as text that ends in a line feed.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether it goes to a terminal, which shows colours.
  ///   - width: How many characters a line may have: a wider table is folded, defences under one another, and says below what
  ///     attackers know. Nil: as many as it takes.
  public func rendered(isTerminal: Bool, width: Int? = nil) -> String {
    guard let first = rows.first else { return "no results\n" }
    let seeds = rows.map(\.seed).uniqued
    // A timeline's rows are of times that differ in length.
    let counts = Set(rows.map(\.n)).sorted()
    let samples = counts.count == 1 ? "\(first.n)" : "\(counts[0]) to \(counts[counts.count - 1])"
    var title = "\(first.scenario): \(first.dataset), \(samples) samples, \(first.mode.rawValue), "
    title += seeds.count == 1 ? "seed \(seeds[0])" : "\(seeds.count) seeds"

    let worst = worstAttacks
    var grid = grid(worst: worst, saysKnowledge: true)
    var known = ""
    if let width, grid.width > width {
      grid = self.grid(worst: worst, saysKnowledge: false)
      known = knowledgeLegend
    }
    return TextWrap.wrapped(title, width: width) + "\n\n" + grid.rendered(isTerminal: isTerminal, width: width)
      + TextWrap.wrapped(
        "\nPercent of the samples; majority: what always guessing the most frequent class reaches.\n"
          + (attacked.count > 1 ? legend(of: worst) : "") + known, width: width)
  }

  /// - Parameter saysKnowledge: Whether the last column says what attackers know.
  private func grid(worst: [String: String], saysKnowledge: Bool) -> FoldingGrid {
    func knowing(_ text: String) -> [TextGrid.Cell] {
      saysKnowledge && rows.contains { $0.knowledge != nil } ? [TextGrid.Cell(text, alignment: .left)] : []
    }
    var grid = FoldingGrid(
      corner: "attack", groups: defenses.map { .init(title: $0, columns: ["accuracy", "balanced"]) },
      trailing: [TextGrid.Cell("majority")] + knowing("attacker knows"))
    func add(_ title: String, knows: String?, under attack: (String) -> String?) {
      let (cells, majority) = cells(under: attack)
      grid.addRow(title, cells: cells, trailing: [TextGrid.Cell(majority)] + knowing(knows ?? ""))
    }
    if !worst.isEmpty, attacked.count > 1 {
      add("the worst for each", knows: nil) { worst[$0] }
      grid.addRule()
    }
    for attack in attacks { add(attack, knows: knowledge(of: attack)) { _ in attack } }
    return grid
  }

  /// The attacks but for those in which nobody is attacked.
  private var attacked: [String] {
    let clean = Set(rows.filter(\.attackKinds.isEmpty).map(\.attack))
    return attacks.filter { !clean.contains($0) }
  }

  /// The attack that leaves each defence least, by mean accuracy; of equal ones the first.
  private var worstAttacks: [String: String] {
    var worst: [String: String] = [:]
    for defense in defenses {
      worst[defense] =
        attacked.compactMap { attack in
          summary(\.accuracy, of: defense, under: attack).map { (attack, $0.mean) }
        }.min { $0.1 < $1.1 }?.0
    }
    return worst
  }

  private func legend(of worst: [String: String]) -> String {
    defenses.compactMap { defense in worst[defense].map { "Worst for \(defense): \($0).\n" } }.joined()
  }

  private func summary(_ rate: (ResultRow) -> Double, of defense: String?, under attack: String) -> Summary? {
    let values = rows.filter { $0.attack == attack && (defense == nil || $0.defense == defense) }.map(rate)
    return values.isEmpty ? nil : Summary(values)
  }

  /// The knowledge of an attack's attacker, in words; nil if nobody is attacked or the rows do not say.
  private func knowledge(of attack: String) -> String? {
    rows.first { $0.attack == attack }?.knowledge.map(KnowledgeWords.of)
  }

  /// The attackers' knowledge, attack by attack.
  private var knowledgeLegend: String {
    let known = attacked.compactMap { attack in knowledge(of: attack).map { (attack: attack, knows: $0) } }
    return known.map(\.knows).uniqued.map { knows in
      let attacks = known.filter { $0.knows == knows }.map(\.attack)
      return "Attacker knows \(knows): \(attacks.joined(separator: "; ")).\n"
    }.joined()
  }

  /// The cells of a line, a pair a defence, and what a constant guess reaches.
  ///
  /// - Parameter attack: The attack whose figures stand under a defence; nil for none.
  private func cells(under attack: (String) -> String?) -> ([[TextGrid.Cell]], majority: String) {
    func figures(_ rate: (ResultRow) -> Double) -> [String: Summary] {
      var figures: [String: Summary] = [:]
      for defense in defenses { figures[defense] = attack(defense).flatMap { summary(rate, of: defense, under: $0) } }
      return figures
    }
    let (accuracies, balanced) = (figures(\.accuracy), figures(\.balancedAccuracy))
    let majority = defenses.compactMap { defense in
      attack(defense).flatMap { summary(\.majorityRate, of: nil, under: $0) }
    }.first
    let best = accuracies.values.map(\.mean).max()
    let pairs = defenses.map { defense -> [TextGrid.Cell] in
      guard let accuracy = accuracies[defense], let balanced = balanced[defense] else {
        return [TextGrid.Cell("–"), TextGrid.Cell("–")]
      }
      let style: TextGrid.Style =
        accuracy.mean <= majority?.mean ?? 0 ? .red : accuracy.mean == best ? .bold : .plain
      return [TextGrid.Cell(accuracy.percent, style: style), TextGrid.Cell(balanced.percent)]
    }
    // One set of test rows for all seeds and defences: the mean is each one's value.
    return (pairs, majority.map { Summary([$0.mean]).percent } ?? "–")
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it first occurs.
  fileprivate var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
