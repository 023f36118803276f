internal import CopurCore
internal import CopurFusionCenter
internal import DequeModule

/// A writer's memory of its journal: the numbers that rows get, and which rounds are open.
struct PostgreSQLIndex {
  /// A round in a journal.
  struct RoundKey: Hashable {
    let session: Int64
    let sample: UInt64
  }

  var agents: [AgentID: Int64] = [:]
  var sessions: [String: Int64] = [:]
  /// By version, of today's agents.
  var models: [String: Int64] = [:]
  /// The last numbers that were given.
  var lastSession: Int64 = 0
  var lastModel: Int64 = 0
  var lastContribution: Int64 = 0
  var lastVerdict: Int64 = 0
  var lastAborted: Int64 = 0
  /// How many groups were committed, by all writers together.
  var groups: Int64 = 0
  /// The row with the first block of each round that has no verdict.
  var open: [RoundKey: Int64] = [:]

  /// The first contributions of the latest stretches, oldest first: a recovery reads that far back, and knows duplicates.
  private var stretches = Deque<Int64>()
  private static let stretchRows: Int64 = 16_384
  private static let rememberedStretches = 4

  /// The contribution from which a recovery has to read, where a new stretch begins; nil: as before.
  mutating func nextFloor() -> Int64? {
    guard lastContribution - (stretches.last ?? 0) >= Self.stretchRows else { return nil }
    stretches.append(lastContribution + 1)
    if stretches.count > Self.rememberedStretches { _ = stretches.popFirst() }
    guard stretches.count == Self.rememberedStretches, let first = stretches.first else {
      return nil
    }
    return min(first, open.values.min() ?? .max)
  }

  /// Rounds have blocks in a row.
  mutating func opened(_ samples: [UInt64], session: Int64, row: Int64) {
    for sample in samples {
      let key = RoundKey(session: session, sample: sample)
      if open[key] == nil { open[key] = row }
    }
  }

  /// Rounds have a verdict, or will have none.
  mutating func closed(_ samples: some Sequence<UInt64>, session: Int64) {
    for sample in samples { open[RoundKey(session: session, sample: sample)] = nil }
  }
}
