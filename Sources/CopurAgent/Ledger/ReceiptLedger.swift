internal import CopurCore
internal import Dispatch
internal import Foundation

/// An agent's own record of its receipts, in a file: JSON Lines, a ``LedgerEntry`` each.
///
/// A receipt counts only once it is on the agent's disk, so whatever the fusion center has ever acknowledged can be held
/// against its journal. An agent that is started again with its ledger sends only what has no receipt there.
public final class ReceiptLedger: Sendable {
  /// Session → sample → hash of the block that the fusion center has, by an earlier run's receipts.
  private let stored: [String: [UInt64: String]]
  private let file: LedgerFile
  /// Waiting for the disk blocks, so it has a thread of its own.
  private let queue = DispatchQueue(label: "copur.ledger")

  /// Opens a ledger, or begins one.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` or `.io` for the file, `.invalidData` for a line that is none.
  public init(path: String) throws {
    file = try LedgerFile(path: path)
    var stored: [String: [UInt64: String]] = [:]
    let decoder = JSONDecoder()
    for (index, line) in try file.wholeLines().enumerated() {
      guard let entry = try? decoder.decode(LedgerEntry.self, from: Data(line)),
        entry.samples.count == entry.hashes.count
      else { throw CopurError(.invalidData, "\(path):\(index + 1): a line of a ledger is a receipt in JSON") }
      if entry.isStored {
        for (sample, hash) in zip(entry.samples, entry.hashes) { stored[entry.session, default: [:]][sample] = hash }
      }
    }
    self.stored = stored
  }

  /// Whether an earlier run of the agent has a receipt that says that the fusion center has this very block.
  public func hasReceipt(of block: OutgoingBlock, session: String) -> Bool {
    guard let hash = stored[session]?[block.sample] else { return false }
    return hash == LedgerEntry.hash(of: block.values)
  }

  /// Adds entries, and returns when they are on the disk.
  ///
  /// - Throws: ``CopurError`` of code `.io`: the file's end is unknown from then on.
  package func append(_ entries: [LedgerEntry]) async throws {
    guard !entries.isEmpty else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines: [UInt8] = []
    for entry in entries {
      lines += try encoder.encode(entry)
      lines.append(UInt8(ascii: "\n"))
    }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      queue.async { [self, lines] in
        continuation.resume(with: Result { try file.append(lines) })
      }
    }
  }
}
