public import CopurCore
internal import CopurNumerics

/// Who does what in an attack: agents that stay silent, and agents that send what an ``Attack`` proposes.
public struct AttackPlan: Sendable {
  /// One attack and the blocks that it controls.
  public struct Part: Sendable {
    /// The attack by which they choose what they send.
    public let attack: any Attack
    /// Positions in the layout, from 0; no two parts of a plan share one.
    public let blocks: [Int]

    /// - Parameter blocks: Positions in the layout, from 0.
    public init(attack: any Attack, blocks: [Int]) {
      self.attack = attack
      self.blocks = blocks
    }
  }

  /// Blocks that are not sent.
  public let missing: [Int]
  /// Attacks in the order in which they act.
  public let parts: [Part]
  /// A search for further blocks, which acts last; nil for none.
  public let search: WorstCaseSearch?

  /// - Throws: ``CopurError`` of code `.invalidArgument` if a block is in two places: missing and attacking, in two
  ///   attacks, or in one of these and among the candidates of the search.
  public init(missing: [Int], parts: [Part], search: WorstCaseSearch? = nil) throws {
    let all = missing + parts.flatMap(\.blocks) + (search?.candidates ?? [])
    guard Set(all).count == all.count else {
      let twice = Set(all.filter { block in all.count { $0 == block } > 1 }).sorted()
      throw CopurError(
        .invalidArgument, "an agent is missing or attacks, and in one way (agents by position: \(twice))")
    }
    self.missing = missing
    self.parts = parts
    self.search = search
  }

  /// All blocks that send adversarial embeddings, but for those that the search finds.
  public var compromised: [Int] { parts.flatMap(\.blocks).sorted() }

  /// The observation that the fusion center receives under the attack, and what is to be said of it.
  ///
  /// Proposed values that are infinite are clipped to ±the largest finite one and NaN becomes 0: what is not finite would
  /// be refused at the door, so an attacker gains nothing by sending it.
  ///
  /// - Parameters:
  ///   - clean: Honest embeddings of all agents.
  ///   - labels: The true class of each sample.
  ///   - victim: What an attacker differentiates that knows of no defence.
  ///   - defended: What an adaptive attacker asks and differentiates; nil for the same.
  ///   - context: What attacks draw from.
  public func apply(
    to clean: Observation, labels: [Int], victim: any Victim, defended: (any Victim)? = nil,
    context: AttackContext = AttackContext()
  ) -> AttackOutcome {
    let field = AttackField(
      observation: clean, labels: labels, victim: victim, defended: defended ?? victim, context: context)
    var (received, warnings) = field.playing(missing: missing, parts: parts)
    var lying = clean.observed.indices.map { compromised.contains($0 % clean.layout.count) }
    var silent = Set(missing)
    if let search {
      let found = search.run(
        on: AttackField(
          observation: received, labels: labels, victim: victim, defended: defended ?? victim, context: context))
      received = found.received
      warnings += found.warnings.filter { !warnings.contains($0) }
      for (sample, choice) in found.choices.enumerated() {
        for block in choice.adversarial { lying[sample * clean.layout.count + block] = true }
        silent.formUnion(choice.missing)
      }
    }
    let liars = (0..<clean.layout.count).filter { block in
      stride(from: block, to: lying.count, by: clean.layout.count).contains { lying[$0] }
    }
    return AttackOutcome(
      received: received, lied: lying, compromised: liars, missing: silent.sorted(),
      changeNorm: liars.isEmpty ? nil : Self.meanChange(from: clean, to: received, lying: lying),
      strategy: search?.strategy, warnings: warnings)
  }

  /// ‖received − clean‖₂ over the lying blocks of each sample, mean over the samples.
  private static func meanChange(from clean: Observation, to received: Observation, lying: [Bool]) -> Double {
    let layout = clean.layout
    let changes = (0..<clean.samples).map { sample in
      (0..<layout.count).reduce(0.0) { sum, block in
        guard lying[sample * layout.count + block] else { return sum }
        return layout[block].reduce(sum) { sum, column in
          let gap = Double(received.embeddings[sample, column]) - Double(clean.embeddings[sample, column])
          return sum + gap * gap
        }
      }.squareRoot()
    }
    return changes.reduce(0, +) / Double(max(1, changes.count))
  }
}
