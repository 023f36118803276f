internal import CopurCore
internal import CopurFusionCenter
internal import DequeModule

/// A writer's memory of its journal: row numbers by name, which rounds are open, and how long the WAL is.
struct JournalIndex {
  /// A round in a journal.
  struct RoundKey: Hashable {
    let session: Int64
    let sample: UInt64
  }

  /// The effect of a transaction.
  struct Written {
    /// The rows of sessions that are new.
    var sessions: [String: Int64] = [:]
    /// The rows of models that are new.
    var models: [String: Int64] = [:]
    /// The row of each contribution.
    var contributions: [Int64] = []
    /// The rows of verdicts and of rounds that were given up.
    var verdicts: [Int64] = []
    var aborted: [Int64] = []
    /// At least how many pages it has changed; those at the ends of tables are always among them.
    var pages = 6
  }

  /// The size of the WAL at which it is copied into the database file: far under what it may grow to, 64 MB, since a group
  /// comes on top.
  static let checkpointBytes = 8 << 20
  /// A page and its frame's header.
  private static let frameBytes = 4096 + 24
  /// The number of checkpoints back that a recovery reads: a resubmission of what is older is LATE, not DUPLICATE.
  private static let rememberedCheckpoints = 8

  private(set) var sessions: [String: Int64]
  /// By version, of today's agents.
  private(set) var models: [String: Int64]
  /// The row with the first block of each round that has no verdict.
  private var open = SampleIndex()
  /// Samples that blocks were stored of, by session, so that only a round's first block is looked up in `open`; may lack
  /// some.
  private var stored: [Int64: SampleSet] = [:]
  /// The number of ranges that `stored` may take, of each session and of all together.
  private static let storedRanges = (session: 64, all: 65_536)
  private var lastContribution: Int64 { lastRows.contribution }
  /// The last rows that were stored.
  private(set) var lastRows: AcknowledgedRows
  /// At most how long the WAL is.
  private var walBytes = 0
  private var nextCheckpointBytes = checkpointBytes
  /// The first contributions after the latest checkpoints, oldest first.
  private var checkpoints = Deque<Int64>()
  /// The contribution from which a recovery has to read, if it is not stored yet.
  private(set) var floor: Int64?
  /// Whether a write failed, so that nobody knows what is stored.
  private(set) var hasFailed = false

  /// The time at which the latest row of the table `moment` was stored, in seconds since 1970.
  private var lastMoment: Int64?
  /// The interval at which such a row is stored, in seconds.
  private static let momentInterval: Int64 = 60

  init(sessions: [String: Int64], models: [String: Int64], lastRows: AcknowledgedRows) {
    self.lastRows = lastRows
    self.sessions = sessions
    self.models = models
  }

  var isCheckpointDue: Bool { walBytes >= nextCheckpointBytes }

  /// The rounds of earlier runs were read.
  mutating func recovered(open: [RoundKey: Int64]) {
    self.open = SampleIndex()
    for (round, row) in open { self.open.update(Int(row), session: Int(round.session), sample: round.sample) }
  }

  /// A group was committed.
  mutating func committed(_ group: JournalGroup, _ written: Written) {
    floor = nil
    sessions.merge(written.sessions) { $1 }
    models.merge(written.models) { $1 }
    walBytes += written.pages * Self.frameBytes
    lastRows.contribution = written.contributions.last ?? lastRows.contribution
    lastRows.verdict = written.verdicts.last ?? lastRows.verdict
    lastRows.aborted = written.aborted.last ?? lastRows.aborted
    for (contribution, row) in zip(group.contributions, written.contributions) {
      let session = sessions[contribution.session]!
      var seen = stored.removeValue(forKey: session) ?? SampleSet()
      for sample in contribution.samples where seen.insert(sample) {
        if open[Int(session), sample] == nil { open.update(Int(row), session: Int(session), sample: sample) }
      }
      if seen.rangeCount <= Self.storedRanges.session, stored.count < Self.storedRanges.all / Self.storedRanges.session
      {
        stored[session] = seen
      }
    }
    for verdicts in group.verdicts.runs {
      let session = sessions[verdicts[verdicts.startIndex].session]!
      // By their places: a verdict is not copied with all its lists.
      for index in verdicts.indices { open.remove(session: Int(session), sample: verdicts[index].sample) }
    }
    for abortion in group.abortions {
      for sample in abortion.samples { open.remove(session: Int(sessions[abortion.session]!), sample: sample) }
    }
  }

  /// Frames of the WAL were copied into the database file.
  ///
  /// - Parameters:
  ///   - all: How many the WAL has.
  ///   - copied: How many of them are copied; fewer where somebody reads what is older.
  mutating func checkpointed(all: Int, copied: Int) {
    walBytes = all == copied ? 0 : all * Self.frameBytes
    nextCheckpointBytes = all == copied ? Self.checkpointBytes : walBytes + Self.checkpointBytes / 2
    checkpoints.append(lastContribution + 1)
    if checkpoints.count > Self.rememberedCheckpoints { _ = checkpoints.popFirst() }
    let remembered = checkpoints.count == Self.rememberedCheckpoints ? checkpoints.first : nil
    floor = min(remembered ?? 0, open.least.map(Int64.init) ?? .max)
  }

  /// Whether it is to be stored how far the tables are.
  ///
  /// - Parameter now: Seconds since 1970; a clock that was put back begins anew.
  func isMomentDue(at now: Int64) -> Bool {
    lastMoment.map { now - $0 >= Self.momentInterval || now < $0 } ?? true
  }

  mutating func momentStored(at now: Int64) { lastMoment = now }

  /// A write failed, and not for want of room.
  mutating func failed() { hasFailed = true }
}
