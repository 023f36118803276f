internal import CopurWire
internal import Synchronization

/// The counts that a fusion center keeps of its own work, for monitoring.
public final class FusionCenterMeters: Sendable {
  /// The counts at a moment.
  public struct Snapshot: Sendable {
    /// Blocks by the outcome that their receipts say.
    public var receipts: [String: Int] = [:]
    /// The time that the journal took to store a group.
    public var commits = Histogram.seconds
    /// Blocks a group.
    public var committedBlocks = Histogram(bounds: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
    /// The time that a defence took for a batch of rounds, purification included.
    public var decisions = Histogram.seconds
    /// Rounds a batch.
    public var batches = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256])
  }

  private let state = Mutex(Snapshot())

  /// The counters as they are now, all of one moment.
  public var snapshot: Snapshot { state.withLock { $0 } }

  /// Receipts went out.
  func receipted(_ receipts: some Sequence<[Receipt]>) {
    state.withLock { state in
      for receipt in receipts.joined() { state.receipts["\(receipt.status)", default: 0] += receipt.samples.count }
    }
  }

  /// A group was stored.
  func committed(blocks: Int, in duration: Duration) {
    state.withLock { state in
      state.commits.add(duration)
      state.committedBlocks.add(Double(blocks))
    }
  }

  /// A batch of rounds was decided.
  func decided(rounds: Int, in duration: Duration) {
    state.withLock { state in
      state.decisions.add(duration)
      state.batches.add(Double(rounds))
    }
  }
}
