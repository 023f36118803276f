/// Watches a service's verdicts for what breaks a promise that held-out training rows made: an honest agent that is named
/// suspect for longer than any was there, and verdicts that stand against fewer liars than they did there.
///
/// No label is needed. Each subject is an ``AlarmMonitor``'s, whose limits are held-out runs of consecutive rows, so that
/// rows that are alike count for what they are. An agent's alarm may mean drift or a liar; that of certificates, drift.
public struct DriftMonitor: Sendable {
  /// What an alarm is about.
  public enum Subject: Hashable, Sendable {
    /// An agent is suspect in more rows than clean agents ever were.
    case agent(AgentID)
    /// Fewer verdicts than promised stand whatever any so many agents do.
    case certificates(liars: Int)

    /// What its alarm means, in a sentence.
    public var words: String {
      switch self {
      case .agent(let agent):
        "agent \(agent) is suspect in more rounds than honest agents were in training: it lies, or its data have drifted"
      case .certificates(let liars):
        "fewer verdicts stand whatever any \(liars) agents do than training promised: the data have drifted"
      }
    }
  }

  /// An alarm begins or ends.
  public struct Change: Hashable, Sendable {
    /// What it is about.
    public var subject: Subject
    /// Whether it begins.
    public var isRaised: Bool

    /// - Parameter isRaised: Whether it begins.
    public init(subject: Subject, isRaised: Bool) {
      self.subject = subject
      self.isRaised = isRaised
    }
  }

  /// The alarms that stand.
  public private(set) var alarms: Set<Subject> = []
  /// What is watched; none where the bundle makes no promise.
  public let subjects: [Subject]
  private let roster: AgentRoster
  private var suspects: AlarmMonitor?
  private var standing: AlarmMonitor?
  private let liars: Int

  /// - Parameters:
  ///   - roster: The model's agents.
  ///   - alarmLimits: The limits of agents' alarms; nil where they are not known.
  ///   - protection: How the defence was chosen; nil if it was given.
  public init(roster: AgentRoster, alarmLimits: [Int]?, protection: ProtectionRecord?) {
    precondition(alarmLimits.map { $0.count == roster.count } ?? true)
    self.roster = roster
    suspects = alarmLimits.map(AlarmMonitor.init)
    let threat = protection?.threat ?? .standard
    liars = threat.any + threat.missing
    // Named liars are not any so many, which is what verdicts say.
    if threat.agents.isEmpty, let limit = protection?.taken?.standingLimit { standing = AlarmMonitor(limits: [limit]) }
    subjects =
      (suspects == nil ? [] : roster.agents.map(Subject.agent)) + (standing == nil ? [] : [.certificates(liars: liars)])
  }

  /// What a bundle promised.
  public init(_ bundle: ModelBundle) {
    self.init(
      roster: bundle.roster, alarmLimits: bundle.manifest.calibration.alarmLimits,
      protection: bundle.manifest.protection)
  }

  /// A verdict was given. Verdicts come in the order of time; what one does not say is not counted.
  ///
  /// - Returns: What begins or ends with it.
  public mutating func judged(_ verdict: Verdict) -> [Change] {
    guard let decision = verdict.decision else { return [] }
    var raised: [(Subject, Bool)] = []
    if suspects != nil, let named = decision.suspects, named.count == roster.count {
      let missing = Set(verdict.missing)
      let judged = zip(roster.agents, named).map { missing.contains($0) ? nil : $1 }
      raised += zip(roster.agents, suspects?.judged(judged) ?? []).map { (.agent($0), $1) }
    }
    if standing != nil, let certified = decision.certifiedAgents {
      raised += (standing?.judged([certified < liars]) ?? []).map { (.certificates(liars: liars), $0) }
    }
    return raised.compactMap { subject, isRaised in
      guard alarms.contains(subject) != isRaised else { return nil }
      if isRaised { alarms.insert(subject) } else { alarms.remove(subject) }
      return Change(subject: subject, isRaised: isRaised)
    }
  }
}
