internal import CopurWire

/// Puts neighbouring outcomes that are alike into one receipt.
struct ReceiptRuns {
  private let session: String
  private(set) var receipts: [Receipt] = []

  init(session: String) { self.session = session }

  /// Appends samples of one outcome.
  mutating func append(_ samples: ArraySlice<UInt64>, _ status: Receipt.Status) {
    guard let first = samples.first else { return }
    append(first, status)
    receipts[receipts.count - 1].samples += samples.dropFirst()
  }

  mutating func append(_ sample: UInt64, _ status: Receipt.Status, _ reason: String = "") {
    if let last = receipts.indices.last, receipts[last].status == status, receipts[last].reason == reason {
      receipts[last].samples.append(sample)
    } else {
      receipts.append(Receipt(session: session, samples: [sample], status: status, reason: reason))
    }
  }
}
