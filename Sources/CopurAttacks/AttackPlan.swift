public import CopurCore
internal import CopurNumerics

/// Who does what in an attack: agents that stay silent, and agents that send what an ``Attack`` proposes.
public struct AttackPlan: Sendable {
  /// One attack and the blocks that it controls.
  public struct Part: Sendable {
    public let attack: any Attack
    public let blocks: [Int]

    public init(attack: any Attack, blocks: [Int]) {
      self.attack = attack
      self.blocks = blocks
    }
  }

  /// Blocks that are not sent.
  public let missing: [Int]
  /// Attacks in the order in which they act.
  public let parts: [Part]

  /// - Throws: ``CopurError`` of code `.invalidArgument` if a block is in two places: missing and attacking, or in two
  ///   attacks.
  public init(missing: [Int], parts: [Part]) throws {
    let all = missing + parts.flatMap(\.blocks)
    guard Set(all).count == all.count else {
      let twice = Set(all.filter { block in all.count { $0 == block } > 1 }).sorted()
      throw CopurError(
        .invalidArgument, "an agent is missing or attacks, and in one way (agents by position: \(twice))")
    }
    self.missing = missing
    self.parts = parts
  }

  /// All blocks that send adversarial embeddings.
  public var compromised: [Int] { parts.flatMap(\.blocks).sorted() }

  /// What the fusion center receives under the attack.
  ///
  /// Proposed values that are infinite are clipped to ±the largest finite one and NaN becomes 0: what is not finite would
  /// be refused at the door, so an attacker gains nothing by sending it.
  ///
  /// - Parameters:
  ///   - clean: Honest embeddings of all agents.
  ///   - labels: The true class of each sample.
  ///   - victim: The model that a white-box attacker differentiates.
  public func apply(to clean: Observation, labels: [Int], victim: FusionModel) -> Observation {
    var observation = clean
    for block in missing { observation.withhold(block: block) }
    for part in parts {
      let crafted = part.attack.craft(
        AttackSituation(observation: observation, compromised: part.blocks, labels: labels, victim: victim))
      precondition(crafted.rows == clean.samples && crafted.columns == clean.layout.totalWidth)
      for block in part.blocks {
        for sample in 0..<clean.samples {
          let start = sample * crafted.columns + clean.layout[block].lowerBound
          let proposed = crafted.values[start..<start + clean.layout[block].count]
          observation.set(block: block, of: sample, to: proposed.map(Self.sendable))
        }
      }
    }
    return observation
  }

  private static func sendable(_ value: Float) -> Float {
    value.isNaN ? 0 : min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}
