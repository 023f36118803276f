/// The outcome of a run in a few sentences: against whom, which defence holds up best, how sure that is, what is certified,
/// and what happens without a defence.
struct LeadSentence {
  let record: RunRecord
  let results: RunResults
  let certificates: CertificateResults

  /// The defence that does best under its worst attack, and that attack.
  struct Outcome {
    let defense: String
    let attack: RunResults.Attack
    let interval: RateInterval
  }

  /// The defences that a fusion center can have: an oracle is told who lies.
  private var deployable: [String] { results.defenses.filter { !record.defense($0).isOracle } }

  /// Attacks that every defence was measured under, so that an interrupted run compares like with like.
  private var attacks: [RunResults.Attack] {
    results.attacks.filter { attack in
      !attack.isClean && deployable.allSatisfy { !results.rows(attack, $0).isEmpty }
    }
  }

  /// Each defence under its worst attack, by accuracy; the best of them first.
  private var outcomes: [Outcome] {
    let attacks = attacks
    return deployable.compactMap { defense in
      results.worst(of: defense, among: attacks, by: \.accuracy).flatMap { worst in
        results.interval(worst.attack, defense).map { Outcome(defense: defense, attack: worst.attack, interval: $0) }
      }
    }.enumerated().sorted { one, other in
      (other.element.interval.rate, one.offset) < (one.element.interval.rate, other.offset)
    }.map(\.element)
  }

  /// The best of them; nil if no attack was played against every defence.
  var best: Outcome? { outcomes.first }

  var html: HTML {
    let outcomes = outcomes
    guard let best = outcomes.first else {
      return .text(
        results.rows.isEmpty
          ? "Nothing was measured."
          : results.attacks.allSatisfy(\.isClean)
            ? "Nobody is attacked in this scenario." : "No attack was played against every defence.")
    }
    return HTML {
      first(best, isAlone: outcomes.count == 1)
      " " + rivals(outcomes)
      unsecured(outcomes)
      "Always guessing the most frequent class is right on \(Number.percent(majority))\u{A0}%."
      caution
    }
  }

  /// The accuracy of a constant guess.
  private var majority: Double { results.rows.first?.majorityRate ?? 0 }

  private func first(_ best: Outcome, isAlone: Bool) -> HTML {
    let attacks = attacks
    let verb =
      best.interval.lower > majority
      ? (isAlone ? " holds up" : " holds up best")
      : best.interval.rate > majority
        ? (isAlone ? " cannot be told from a constant guess" : " does best, but cannot be told from a constant guess")
        : (isAlone ? " does not hold up" : " does best, but does not hold up")
    return HTML {
      against
      HTML("strong") { best.defense }
      verb
      ": under the worst "
      attacks.count == 1 ? "(and only) attack" : "of \(attacks.count) attacks"
      ", “\(best.attack.name)”, it is right on "
      HTML("strong") { "\(Number.percent(best.interval.rate))\u{A0}%" }
      " of the samples (95\u{A0}% interval \(best.interval.words)), and "
      certified(best.defense)
      "."
    }
  }

  /// Whom it is measured against: what the one who knows most knew.
  private var against: String {
    let known = attacks.compactMap(\.knowledge)
    let ranks = ["nothing", "model", "decisions", "defense"]
    guard let most = known.max(by: { ranks.firstIndex(of: $0) ?? 0 < ranks.firstIndex(of: $1) ?? 0 }) else {
      return ""
    }
    switch most {
    case "nothing": return "Against attackers who know nothing of the model, "
    case "model": return "Against attackers who know the fusion model, though not the defence, "
    case "decisions": return "Against attackers who see what the defence decides, "
    case "defense": return "Against attackers who know the whole defence, "
    default: return "Against attackers who know \(KnowledgeWords.of(most)), "
    }
  }

  private func certified(_ defense: String) -> String {
    guard let compromised = certificates.leading(of: defense),
      let interval = certificates.interval(defense, compromised)
    else { return "nothing is certified of it" }
    return "\(Number.percent(interval.rate))\u{A0}% (\(interval.words)) are certified to stay right whatever "
      + "\(compromised.words) \(compromised.isPlural ? "do" : "does")"
  }

  /// Other defences that the best one cannot be told from.
  private func rivals(_ outcomes: [Outcome]) -> String {
    let close = outcomes.dropFirst().filter {
      $0.interval.rate >= outcomes[0].interval.lower && $0.interval.rate > majority
    }
    guard !close.isEmpty else { return "" }
    let names = close.prefix(3).map { "\($0.defense) (\(Number.percent($0.interval.rate))\u{A0}%)" }
    return "Too close to tell from it: \(Number.list(names))\(close.count > 3 ? " and \(close.count - 3) more" : ""). "
  }

  private func unsecured(_ outcomes: [Outcome]) -> String {
    guard let open = outcomes.dropFirst().first(where: { record.defense($0.defense).kind == "unsecured" }) else {
      return ""
    }
    return "Without a defence it is \(Number.percent(open.interval.rate))\u{A0}% (\(open.interval.words)), under "
      + "“\(open.attack.name)”. "
  }

  /// The limits of what these attacks show.
  private var caution: String {
    attacks.contains { $0.knowledge == "defense" } || attacks.allSatisfy { $0.knowledge == nil }
      ? "" : " Nobody here knew the whole defence; who does can do more harm."
  }
}

extension CertificateResults {
  /// Whom to name first of those that a defence has certificates against: the fewest of any agents, else named ones.
  func leading(of defense: String) -> CertificateRow.Compromised? {
    let own = Set(rows.filter { $0.defense == defense }.map(\.compromised))
    return counts.first.map { .any($0) }.flatMap { own.contains($0) ? $0 : nil }
      ?? compromised.first { own.contains($0) }
  }
}

extension CertificateRow.Compromised {
  /// Whether its words are of several agents.
  var isPlural: Bool {
    switch self {
    case .agents(let names): names.count > 1
    case .any(let count): count > 1
    }
  }
}
