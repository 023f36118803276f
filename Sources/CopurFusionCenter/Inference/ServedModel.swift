public import CopurCore
internal import Synchronization

/// The model that a fusion center serves at a moment: everything that a prediction depends on.
public struct ServedModel: Sendable {
  /// The expected agents and the widths of their blocks.
  public let roster: AgentRoster
  /// Names the model's content.
  public let version: String
  /// The defences that may be asked for; the first is that of a request that names none.
  public let defenses: [any Defense]
  /// The fewest blocks that give a decision.
  public let quorum: Int
  /// The certifier of each defence's decisions; nil for those that say nothing of agents that they withstand.
  public let certifiers: [(any ToleranceCertifier)?]

  /// - Parameters:
  ///   - quorum: The fewest blocks that give a decision, from 1 to the number of agents.
  ///   - certification: Which decisions say how many agents they withstand.
  public init(
    roster: AgentRoster, version: String, defenses: [any Defense], quorum: Int, certification: Certification = .cheap
  ) {
    self.roster = roster
    self.version = version
    self.defenses = defenses
    self.quorum = quorum
    certifiers = defenses.map { certification.certifier(of: $0, quorum: quorum) }
  }

  /// The defence of a name; the first if the name is nil; nil if there is none of that name.
  public func defense(named name: String?) -> (any Defense)? {
    name.map { name in defenses.first { $0.name == name } } ?? defenses.first
  }
}

extension FusionCenter {
  /// The model that decides rounds now, and inference requests as well.
  public var model: ServedModel { state.withLock { $0.model } }
}
