internal import CopurCore
public import CopurNumerics

/// An attack: the embeddings that compromised agents send in place of their own.
///
/// An attack only proposes values. ``AttackPlan`` owns the rules: which blocks may change, and that nothing else does.
public protocol Attack: Sendable {
  /// The attacker's knowledge of its victim.
  var knowledge: AttackKnowledge { get }

  /// Proposes embeddings. In a task that is cancelled it may return at once: whoever cancelled uses nothing of it.
  ///
  /// - Parameter situation: What the attacker knows and holds.
  func craft(_ situation: AttackSituation) -> Proposal
}

extension Attack {
  public var knowledge: AttackKnowledge { .nothing }

  /// Whether the attacker knows the defence in front of the model, or at least may ask it: its victim is then the whole
  /// defence, else the fusion model alone.
  public var isAdaptive: Bool { knowledge == .decisions || knowledge == .defense }
}

/// An attacker's knowledge of its victim, from the least to the most.
public enum AttackKnowledge: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  /// Nothing but its own agents' embeddings, and what they sent of other samples.
  case nothing
  /// The fusion model, but no defence in front of it (CoPur, section 5).
  case model
  /// Decisions of the whole defence, with probabilities, whenever it asks.
  case decisions
  /// Everything: the defence, its gate, its weights and their gradients (Tramèr et al. 2020).
  case defense

  /// By the order of the cases: who knows a later one can do all that who knows an earlier one can.
  public static func < (one: AttackKnowledge, other: AttackKnowledge) -> Bool {
    func place(_ knowledge: AttackKnowledge) -> Int {
      switch knowledge {
      case .nothing: 0
      case .model: 1
      case .decisions: 2
      case .defense: 3
      }
    }
    return place(one) < place(other)
  }
}

/// The embeddings that an attack would like to send.
public struct Proposal: Sendable {
  /// [n, D]; only the columns of the compromised blocks are used.
  public var embeddings: Matrix
  /// Why the attack may be weaker than it looks.
  public var warnings: [String]

  /// - Parameter embeddings: [n, D]; only the columns of the compromised blocks are used.
  public init(_ embeddings: Matrix, warnings: [String] = []) {
    self.embeddings = embeddings
    self.warnings = warnings
  }
}
