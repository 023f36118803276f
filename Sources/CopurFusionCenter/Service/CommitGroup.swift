internal import CopurCore
internal import CopurWire

/// Records that are committed together, and the receipts that may go out after that.
struct CommitGroup {
  /// The part that the journal stores.
  var records = JournalGroup()
  /// Receipts, a stream's in the order of its blocks.
  private(set) var receipts: [ObjectIdentifier: (outbox: ReceiptOutbox, receipts: [Receipt])] = [:]
  /// The times of the records' verdicts' rounds.
  private(set) var times: [RoundTimes] = []

  var isEmpty: Bool { records.isEmpty && receipts.isEmpty }

  /// Adds receipts of a stream; neighbours that are alike become one.
  mutating func append(_ new: [Receipt], for outbox: ReceiptOutbox) {
    Self.append(new, to: &receipts[ObjectIdentifier(outbox), default: (outbox, [])].receipts)
  }

  /// Adds verdicts.
  ///
  /// - Parameter times: Those of their rounds.
  mutating func append(_ verdicts: [Verdict], at times: [RoundTimes]) {
    if records.verdicts.isEmpty {
      // Mostly they are the first: their storage is passed on.
      (records.verdicts, self.times) = (verdicts, times)
    } else {
      records.verdicts += verdicts
      self.times += times
    }
  }

  /// Takes out the records of sessions and the receipts of their blocks.
  ///
  /// - Returns: How many blocks and verdicts they were, and the streams whose receipts will not come.
  mutating func remove(sessions: Set<String>) -> (count: Int, outboxes: [ReceiptOutbox]) {
    times = zip(times, records.verdicts).filter { !sessions.contains($1.session) }.map(\.0)
    let count = records.remove(sessions: sessions)
    var outboxes: [ReceiptOutbox] = []
    for (stream, (outbox, all)) in receipts {
      let kept = all.filter { !sessions.contains($0.session) }
      guard kept.count < all.count else { continue }
      outboxes.append(outbox)
      receipts[stream] = kept.isEmpty ? nil : (outbox, kept)
    }
    return (count, outboxes)
  }

  private static func append(_ new: [Receipt], to receipts: inout [Receipt]) {
    for receipt in new {
      if let last = receipts.indices.last, receipts[last].status == receipt.status,
        receipts[last].session == receipt.session, receipts[last].reason == receipt.reason
      {
        receipts[last].samples += receipt.samples
      } else {
        receipts.append(receipt)
      }
    }
  }
}
