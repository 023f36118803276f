/// Watches a service's verdicts for what breaks a promise that held-out training rows made: an honest agent that is named
/// suspect for longer than any was there, and verdicts that stand against fewer liars than they did there; and for verdicts that are
/// one class for far longer than training rows were.
///
/// No label is needed. Agents and certificates are each an ``AlarmMonitor``'s, whose limits are held-out runs of consecutive rows, so
/// that rows that are alike count for what they are. An agent's alarm may mean drift or a liar; that of certificates, drift; that of
/// one class, that the data say nothing to the defence any more, or that it never learned to hear them.
public struct DriftMonitor: Sendable {
  /// The subject of an alarm.
  public enum Subject: Hashable, Sendable {
    /// An agent is suspect in more rows than clean agents ever were.
    case agent(AgentID)
    /// Fewer verdicts than promised stand whatever any so many agents do.
    case certificates(liars: Int)
    /// All verdicts are one class for more than twice as many rounds as there are training rows of one class in a row.
    case oneClass

    /// The meaning of its alarm, in a sentence.
    public var words: String {
      switch self {
      case .agent(let agent):
        "agent \(agent) is suspect in more rounds than honest agents were in training: it lies, or its data have drifted"
      case .certificates(let liars):
        "fewer verdicts stand whatever any \(liars) agents do than training promised: the data have drifted, or agents "
          + "that know much are missing"
      case .oneClass:
        "verdicts have been one class for over twice as many rounds as training rows ever were: a constant guess would say it "
          + "without any data"
      }
    }
  }

  /// An alarm begins or ends.
  public struct Change: Hashable, Sendable {
    /// The alarm's subject.
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
  /// The subjects that are watched; none where the bundle makes no promise.
  public let subjects: [Subject]
  private let roster: AgentRoster
  private var suspects: AlarmMonitor?
  private var standing: AlarmMonitor?
  private let liars: Int
  private let quorum: Int
  /// The number of equal verdicts in a row over which there is an alarm; nil where training said nothing of it.
  private let runLimit: Int?
  private var run: (label: Int, length: Int) = (0, 0)
  /// The least such number, so that no alarm is a matter of a few rounds.
  private static let leastRunLimit = 30

  /// - Parameters:
  ///   - roster: The model's agents.
  ///   - alarmLimits: The limits of agents' alarms; nil where they are not known.
  ///   - protection: How the defence was chosen; nil if it was given, or if verdicts do not say how many liars they withstand.
  ///   - quorum: How many agents have to have contributed for a verdict; at least 1.
  ///   - longestRun: The most consecutive training rows of one class; nil where it is not known.
  public init(
    roster: AgentRoster, alarmLimits: [Int]?, protection: ProtectionRecord?, quorum: Int = 1, longestRun: Int? = nil
  ) {
    precondition(alarmLimits.map { $0.count == roster.count } ?? true)
    self.roster = roster
    self.quorum = quorum
    suspects = alarmLimits.map(AlarmMonitor.init)
    let threat = protection?.threat ?? .standard
    liars = threat.any + threat.missing
    // Named liars are not any so many, which is what verdicts say.
    if threat.agents.isEmpty, let limit = protection?.taken?.standingLimit { standing = AlarmMonitor(limits: [limit]) }
    runLimit = longestRun.map { max(Self.leastRunLimit, 2 * $0) }
    subjects =
      (suspects == nil ? [] : roster.agents.map(Subject.agent)) + (standing == nil ? [] : [.certificates(liars: liars)])
      + (runLimit == nil ? [] : [.oneClass])
  }

  /// The promises of a bundle.
  ///
  /// - Parameters:
  ///   - quorum: How many agents have to have contributed for a verdict; at least 1.
  ///   - certifies: Whether verdicts say how many liars they withstand.
  public init(_ bundle: ModelBundle, quorum: Int, certifies: Bool) {
    self.init(
      roster: bundle.roster, alarmLimits: bundle.manifest.calibration.alarmLimits,
      protection: certifies ? bundle.manifest.protection : nil, quorum: quorum, longestRun: bundle.manifest.longestRun)
  }

  /// A verdict was given. Verdicts come in the order of time.
  ///
  /// One from so few agents that liars could deny it by silence stands against fewer whatever they sent: it says nothing of
  /// the data, and is not counted among certificates.
  ///
  /// - Returns: The alarms that begin or end with it.
  public mutating func judged(_ verdict: Verdict) -> [Change] {
    guard let decision = verdict.decision else { return [] }
    var changes: [Change] = []
    if let named = decision.suspects, named.count == roster.count {
      // Verdicts list agents in the model's order, so one walk over them is enough.
      var missing = verdict.missing[...]
      let judged = named.indices.map { agent -> Bool? in
        guard missing.first == roster.agents[agent] else { return named[agent] }
        missing.removeFirst()
        return nil
      }
      for (agent, isRaised) in (suspects?.judged(judged) ?? []).enumerated() {
        note(.agent(roster.agents[agent]), isRaised, in: &changes)
      }
    }
    if standing != nil, verdict.contributed.count >= quorum + liars {
      let isRaised = standing?.judged([(decision.certifiedAgents ?? 0) < liars])[0] ?? false
      note(.certificates(liars: liars), isRaised, in: &changes)
    }
    if let runLimit {
      run = decision.label == run.label ? (run.label, run.length + 1) : (decision.label, 1)
      note(.oneClass, run.length > runLimit, in: &changes)
    }
    return changes
  }

  private mutating func note(_ subject: Subject, _ isRaised: Bool, in changes: inout [Change]) {
    guard alarms.contains(subject) != isRaised else { return }
    if isRaised { alarms.insert(subject) } else { alarms.remove(subject) }
    changes.append(Change(subject: subject, isRaised: isRaised))
  }
}
