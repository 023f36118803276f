internal import CopurCore
internal import CopurWire

/// Records that are committed together, and the receipts that may go out after that.
struct CommitGroup {
  /// Receipts of a stream, in the order of its blocks.
  struct StreamReceipts {
    let outbox: ReceiptOutbox
    fileprivate(set) var receipts: [Receipt] = []
    /// The position of the contribution that the stream's last blocks are in.
    fileprivate var contribution: Int?
  }

  /// The part that the journal stores.
  var records = JournalGroup()
  /// The receipts of each stream.
  private(set) var receipts: [ObjectIdentifier: StreamReceipts] = [:]
  /// The times of the records' verdicts' rounds.
  private(set) var times: [RoundTimes] = []

  var isEmpty: Bool { records.isEmpty && receipts.isEmpty }

  /// Adds receipts of a stream, neighbours that are alike as one, and the blocks that were accepted with them.
  mutating func append(_ new: [Receipt], _ contribution: JournalGroup.Contribution?, for outbox: ReceiptOutbox) {
    guard !new.isEmpty || contribution != nil else { return }
    Self.append(
      new, contribution, to: &receipts[ObjectIdentifier(outbox), default: StreamReceipts(outbox: outbox)], &records)
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
    for (stream, all) in receipts {
      let kept = all.receipts.filter { !sessions.contains($0.session) }
      // Contributions have other positions now.
      receipts[stream]?.contribution = nil
      guard kept.count < all.receipts.count else { continue }
      outboxes.append(all.outbox)
      receipts[stream] = kept.isEmpty ? nil : StreamReceipts(outbox: all.outbox, receipts: kept)
    }
    return (count, outboxes)
  }

  private static func append(
    _ new: [Receipt], _ contribution: JournalGroup.Contribution?, to stream: inout StreamReceipts,
    _ records: inout JournalGroup
  ) {
    if let contribution { stream.contribution = records.append(contribution, at: stream.contribution) }
    for receipt in new {
      if let last = stream.receipts.indices.last, stream.receipts[last].status == receipt.status,
        stream.receipts[last].session == receipt.session, stream.receipts[last].reason == receipt.reason
      {
        stream.receipts[last].samples += receipt.samples
      } else {
        stream.receipts.append(receipt)
      }
    }
  }
}
