internal import CopurCore
internal import CopurWire
internal import GRPCCore

extension FusionCenter {
  /// The state that the lock protects.
  struct State {
    /// The phases of the service's life.
    enum Phase {
      case serving
      case draining
      case failed(RPCError)
      case stopped

      /// Why nothing new is taken; nil: it is.
      var refusal: RPCError? {
        switch self {
        case .serving: nil
        case .draining, .stopped: RPCError(code: .unavailable, message: "the fusion center is shutting down")
        case .failed(let error): error
        }
      }
    }

    var phase = Phase.serving
    /// Why the journal waits: no room, or nobody to store it; nil: it does not.
    var journalObstacle: String?
    /// The model that decides rounds from now on.
    var model: ServedModel
    /// Every model version that has been served: agents of each may speak.
    var versions: Set<String>
    var table: RoundTable
    var batcher: Batcher
    /// The group that waits for the journal.
    var group = CommitGroup()
    var isCommitting = false
    var isDeciding = false
    /// The fencing tokens of the sessions that are this center's; without a ``SharedJournal`` none are kept.
    var tokens: [String: Int64] = [:]
    /// Sessions that were lost while a batch is decided: its verdicts of them count for nothing.
    var discarded: Set<String> = []
    var outboxes: [ObjectIdentifier: ReceiptOutbox] = [:]
    var feeds: [ObjectIdentifier: VerdictFeed] = [:]
    /// The feeds of watchers in this process.
    var roundFeeds: [ObjectIdentifier: RoundFeed] = [:]
    /// The agents that the Contribute streams are of, once they are known.
    var speakers: [ObjectIdentifier: Int] = [:]
    /// The trace of a session's rounds as a header, of sessions that have one: that of the request that last asked for
    /// samples, or else of the first stream that spoke.
    var traces: [String: String] = [:]
    /// The time until which the clock loop sleeps; nil: until it is woken.
    var alarm: Duration?

    init(configuration: FusionCenterConfiguration) {
      table = RoundTable(
        roster: configuration.roster, defenses: configuration.defenses.map(\.name), rules: configuration.rules,
        limits: configuration.limits)
      model = ServedModel(
        roster: configuration.roster, version: configuration.modelVersion, defenses: configuration.defenses,
        quorum: configuration.quorum, certification: configuration.certification)
      versions = [configuration.modelVersion]
      batcher = Batcher(defenses: configuration.defenses.count, maximum: configuration.batch)
    }

    /// Why no agent, session or request is taken; nil: they are.
    var refusal: RPCError? {
      phase.refusal
        ?? journalObstacle.map { RPCError(code: .unavailable, message: "\($0): nothing is acknowledged") }
    }

    /// Whether the service has neither failed nor stopped.
    var isAlive: Bool {
      switch phase {
      case .serving, .draining: true
      case .failed, .stopped: false
      }
    }

    /// Records of sessions came into the group.
    mutating func groupGotTokens(of sessions: some Sequence<String>) {
      guard !tokens.isEmpty else { return }
      for session in sessions { group.records.tokens[session] = tokens[session] }
    }

    /// Whether nothing is in flight and nothing new can come.
    var isDrained: Bool {
      switch phase {
      case .serving: false
      case .draining: table.runningCount == 0 && group.isEmpty && batcher.count == 0 && !isCommitting && !isDeciding
      case .failed, .stopped: true
      }
    }

    /// Whether the clock loop sleeps for too long.
    var needsEarlierAlarm: Bool {
      guard let next = table.nextDeadline else { return false }
      return alarm.map { next < $0 } ?? true
    }
  }
}
