internal import DequeModule

/// A session that is this center's: its rounds without a verdict, and from where a recovery has to read.
struct PostgreSQLSession {
  let id: Int64
  /// The fencing token.
  let token: Int64
  /// Whether it has a record, and so a defence.
  var hasRecords: Bool
  /// For each round without a verdict a number that is not above that of the contribution with its first block.
  private var open: [UInt64: Int64]
  /// A number that is not above that of the first contribution of each of the latest stretches, oldest first: a recovery reads
  /// that far back, and knows duplicates.
  private var stretches = Deque<Int64>()
  private var rowsSinceStretch = 0
  private var isFloorDue = false
  private static let stretchRows = 16_384
  private static let rememberedStretches = 4

  init(id: Int64, token: Int64, hasRecords: Bool, open: [UInt64: Int64] = [:]) {
    self.id = id
    self.token = token
    self.hasRecords = hasRecords
    self.open = open
  }

  /// The contribution from which a recovery has to read, where that is to be stored with the next group; nil: as before.
  var nextFloor: Int64? {
    guard isFloorDue, let first = stretches.first else { return nil }
    return min(first, open.values.min() ?? .max)
  }

  /// Notes that what ``nextFloor`` said is stored.
  mutating func floorIsStored() { isFloorDue = false }

  /// Rounds have blocks in a contribution whose number is not below a mark.
  mutating func opened(_ samples: [UInt64], in mark: Int64) {
    for sample in samples where open[sample] == nil { open[sample] = mark }
    rowsSinceStretch += 1
    guard rowsSinceStretch >= Self.stretchRows else { return }
    rowsSinceStretch = 0
    stretches.append(mark)
    if stretches.count > Self.rememberedStretches { _ = stretches.popFirst() }
    isFloorDue = stretches.count == Self.rememberedStretches
  }

  /// Rounds have a verdict, or will have none.
  mutating func closed(_ samples: some Sequence<UInt64>) {
    for sample in samples { open[sample] = nil }
  }
}
