internal import CopurCore
internal import CopurNumerics

/// Samples and what attackers of them know; plays attacks by the rules.
struct AttackField {
  /// Honest embeddings.
  let observation: Observation
  let labels: [Int]
  /// The target as an attacker sees it who knows of no defence.
  let victim: any Victim
  /// The target as an adaptive attacker sees it.
  let defended: any Victim
  let context: AttackContext

  func selecting(_ numbers: [Int]) -> AttackField {
    var context = context
    context.numbers = numbers.map { self.context.numbers?[$0] ?? $0 }
    return AttackField(
      observation: observation.selecting(numbers), labels: numbers.map { labels[$0] }, victim: victim,
      defended: defended, context: context)
  }

  /// The observation that is received when some blocks are silent and others send what attacks propose, and the attacks'
  /// warnings.
  ///
  /// Proposed values that are infinite are clipped to ±the largest finite one and NaN becomes 0: what is not finite would
  /// be refused at the door, so an attacker gains nothing by sending it.
  func playing(missing: [Int], parts: [AttackPlan.Part]) -> (received: Observation, warnings: [String]) {
    var received = observation
    var warnings: [String] = []
    for block in missing { received.withhold(block: block) }
    for part in parts {
      var proposal = part.attack.craft(
        AttackSituation(
          observation: received, compromised: part.blocks, labels: labels,
          victim: part.attack.isAdaptive ? defended : victim, context: context))
      precondition(proposal.embeddings.rows == labels.count)
      for index in proposal.embeddings.values.indices where !proposal.embeddings.values[index].isFinite {
        proposal.embeddings.values[index] = Self.sendable(proposal.embeddings.values[index])
      }
      received = received.replacing(blocks: part.blocks, with: proposal.embeddings)
      for warning in proposal.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }
    return (received, warnings)
  }

  private static func sendable(_ value: Float) -> Float {
    value.isNaN ? 0 : min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}
