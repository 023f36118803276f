public import CopurCore
internal import CopurNumerics

/// The model and defences that a fusion center serves, and the rules of its rounds.
public struct FusionCenterConfiguration: Sendable {
  /// The expected agents and the widths of their blocks.
  public let roster: AgentRoster
  /// The version of the model that decides; agents must have the same.
  public let modelVersion: String
  /// The defences that a session can have; the first is that of a session that names none.
  public let defenses: [any Defense]
  /// The time that a round waits once its clock runs.
  public let deadline: Duration
  /// The time for which a session is idle before its rounds that nobody spoke in are closed.
  public let idleTimeout: Duration
  /// The number of agents that may lie, whichever they are.
  public let liars: Int
  /// The fewest blocks that give a decision.
  public let quorum: Int
  /// The patience of sessions with their agents, and of rounds with those that are gone or behind.
  public let patience: RoundPatience
  /// The decisions that say how many agents they withstand.
  public let certification: Certification
  /// The most rounds that one call of a defence decides.
  public let batch: Int
  /// The least time from one commit to the next, and from one batch of decisions to the next, so that under load more is
  /// done together. What comes after a rest waits for nothing.
  public let batchDelay: Duration
  /// The largest message that the transport takes, in bytes; agents are told.
  public let maximumMessageBytes: Int
  /// Limits of what is kept in memory.
  public let limits: RoundLimits

  /// - Parameters:
  ///   - defenses: At least one, no two of one name, all of the roster's layout.
  ///   - deadline: Over 0.
  ///   - idleTimeout: At least the deadline; ten times the deadline if it is left out.
  ///   - liars: How many agents may lie, under the number of agents.
  ///   - quorum: 1 to the number of agents; that of ``Quorum/fitting(agents:liars:missing:)`` if it is left out.
  ///   - patience: How sessions wait for their agents, and rounds for those that are gone or behind.
  ///   - certification: Which decisions say how many agents they withstand.
  ///   - batch: At least 1.
  ///   - batchDelay: 0 to 1 s.
  ///   - maximumMessageBytes: 1 KiB to 1 GiB.
  /// - Throws: ``CopurError`` of code `.configuration` if a rule above is broken.
  public init(
    roster: AgentRoster, modelVersion: String, defenses: [any Defense], deadline: Duration = .milliseconds(250),
    idleTimeout: Duration? = nil, liars: Int = 1, quorum: Int? = nil, patience: RoundPatience = RoundPatience(),
    certification: Certification = .cheap, batch: Int = 256, batchDelay: Duration = .milliseconds(2),
    maximumMessageBytes: Int = 4 << 20, limits: RoundLimits = RoundLimits()
  ) throws {
    let idleTimeout = idleTimeout ?? deadline * 10
    let quorum = quorum ?? Quorum.fitting(agents: roster.count, liars: liars, missing: 0)
    func require(_ holds: Bool, _ rule: @autoclosure () -> String) throws {
      if !holds { throw CopurError(.configuration, rule()) }
    }
    try require(!modelVersion.isEmpty, "a model has a version (actual: \"\")")
    try require(!defenses.isEmpty, "a fusion center has at least one defence (actual: 0)")
    try require(
      Set(defenses.map(\.name)).count == defenses.count, "a defence is named once (actual: \(defenses.map(\.name)))")
    for defense in defenses {
      try require(
        defense.layout == roster.layout,
        "a defence expects the agents' widths (agents: \(roster.layout.widths), \"\(defense.name)\": "
          + "\(defense.layout.widths))")
    }
    try require(deadline > .zero, "a round's deadline is over 0 (actual: \(deadline))")
    try require(
      idleTimeout >= deadline,
      "the idle timeout is at least the deadline (deadline: \(deadline), idle timeout: \(idleTimeout))")
    try require(
      (1...roster.count).contains(quorum), "a quorum is 1 to the number of agents, \(roster.count) (actual: \(quorum))")
    try require(
      (0..<max(1, roster.count)).contains(liars) || roster.count == 1,
      "of \(roster.count) agents at most \(roster.count - 1) lie (actual: \(liars))")
    try patience.check()
    try require(batch >= 1, "a batch has at least one round (actual: \(batch))")
    try require(
      (.zero ... .seconds(1)).contains(batchDelay), "a batch's delay is 0 to 1 s (actual: \(batchDelay))")
    try require(
      (1 << 10...1 << 30).contains(maximumMessageBytes),
      "a message's limit is 1 KiB to 1 GiB (actual: \(maximumMessageBytes) bytes)")

    self.roster = roster
    self.modelVersion = modelVersion
    self.defenses = defenses
    self.deadline = deadline
    self.idleTimeout = idleTimeout
    self.liars = liars
    self.quorum = quorum
    self.patience = patience
    self.certification = certification
    self.batch = batch
    self.batchDelay = batchDelay
    self.maximumMessageBytes = maximumMessageBytes
    self.limits = limits
  }

  /// The rules that follow for rounds.
  var rules: RoundRules {
    var rules = RoundRules(deadline: deadline, idleTimeout: idleTimeout)
    rules.quorum = quorum
    rules.speakers = speakers
    rules.sessionWait = patience.sessionWait
    rules.reconnectGrace = patience.reconnectGrace
    rules.catchUp = patience.catchUp
    rules.shortestDeadline = patience.shortestDeadline
    return rules
  }

  /// The number of agents that have to have spoken before a round's clock starts: more than may lie, unless the quorum says
  /// that fewer decide.
  public var speakers: Int { min(liars + 1, quorum) }
}
