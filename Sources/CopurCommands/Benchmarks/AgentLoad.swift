import CopurAgent
import CopurCore
import CopurNumerics
import CopurWire
import Synchronization

/// Sends an agent's embeddings again and again, sample after sample, and keeps the times.
final class AgentLoad: Sendable {
  /// The session that is measured.
  static let session = "bench"

  private struct State {
    var next = 0
    var isConnected = false
    var times = BlockTimes()
  }

  private let sender: any BlockSender
  private let embeddings: Matrix
  /// The agent's position in the roster.
  private let index: Int
  private let batch: Int
  private let inFlight: Int
  private let board: ProgressBoard
  private let state = Mutex(State())

  /// - Parameters:
  ///   - batch: How many samples a message holds.
  ///   - inFlight: The most blocks without a receipt.
  init(sender: any BlockSender, embeddings: Matrix, index: Int, batch: Int, inFlight: Int, board: ProgressBoard) {
    self.sender = sender
    self.embeddings = embeddings
    self.index = index
    self.batch = batch
    self.inFlight = inFlight
    self.board = board
  }

  var times: BlockTimes { state.withLock { $0.times } }

  /// Whether a first block has had its receipt.
  var isConnected: Bool { state.withLock { $0.isConnected } }

  /// Waits until a first block of a session of its own has its receipt: the connection is up.
  func connect() async throws {
    let block = OutgoingBlock(sample: 0, values: embeddings[row: 0])
    _ = try await sender.send([block], session: "connected", samplesPerMessage: 1)
    state.withLock { $0.isConnected = true }
  }

  /// Sends as fast as receipts come.
  func saturate(until end: Int64) async throws {
    // A part of the window at a time, so that it is never empty while a part's last receipts are waited for.
    let part = max(batch, inFlight / 8 / batch * batch)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, inFlight / part) {
        group.addTask {
          while MonotonicTime.now < end {
            let samples = self.claim(part)
            while samples.lowerBound - self.board.slowest > 4 * self.inFlight, MonotonicTime.now < end {
              try await MonotonicTime.sleep(until: MonotonicTime.now + 1_000_000)
            }
            try await self.send(samples)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Sends at a rate, whenever receipts come.
  ///
  /// - Parameter rate: Samples a second.
  func pace(_ rate: Double, from start: Int64, until end: Int64) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for message in 1... {
        let due = start + Int64(1e9 * Double(message * batch) / rate)
        guard due < end else { break }
        try await MonotonicTime.sleep(until: due)
        let samples = claim(batch)
        group.addTask { try await self.send(samples) }
      }
      try await group.waitForAll()
    }
  }

  private func claim(_ count: Int) -> Range<Int> {
    state.withLock { state in
      defer { state.next += count }
      return state.next..<state.next + count
    }
  }

  private func send(_ samples: Range<Int>) async throws {
    let blocks = samples.map { OutgoingBlock(sample: UInt64($0), values: embeddings[row: $0 % embeddings.rows]) }
    state.withLock { $0.times.sent(samples, at: MonotonicTime.now) }
    let tally = try await sender.send(blocks, session: Self.session, samplesPerMessage: batch)
    state.withLock { $0.times.received(samples, at: MonotonicTime.now) }
    board.reached(samples.upperBound, by: index)
    guard tally[.accepted] == samples.count else {
      throw CopurError(
        .unavailable, "\(sender.id): every block is accepted (\(tally), first refusal: \(tally.firstRefusal ?? "none"))"
      )
    }
  }
}
