internal import CopurWire
internal import GRPCCore
internal import Synchronization

/// The receipts of one Contribute stream, from the commit that frees them to the writer that sends them.
final class ReceiptOutbox: Sendable {
  private struct State {
    var receipts: [Receipt] = []
    /// Blocks that were taken and whose receipts are not here yet.
    var outstanding = 0
    var isReadingOver = false
    var isClosed = false
    var error: RPCError?
  }

  private let state = Mutex(State())
  private let signal = Signal()
  /// Back-pressure: blocks that were taken and whose receipts the client has not read.
  let inFlight: BackPressure

  init(blocksInFlight: Int) { inFlight = BackPressure(limit: blocksInFlight) }

  /// Blocks were taken; a receipt of each will follow.
  func expected(_ receipts: [Receipt]) {
    let blocks = receipts.reduce(0) { $0 + $1.samples.count }
    state.withLock { $0.outstanding += blocks }
    inFlight.entered(blocks)
  }

  /// Receipts may go out.
  func deliver(_ receipts: [Receipt]) {
    state.withLock { state in
      state.outstanding -= receipts.reduce(0) { $0 + $1.samples.count }
      if !state.isClosed { state.receipts += receipts }
    }
    signal.raise()
  }

  /// No more blocks come; the stream ends once every receipt is out, with the error if there is one.
  func readingEnded(_ error: RPCError? = nil) {
    state.withLock { state in
      state.isReadingOver = true
      state.error = state.error ?? error
    }
    signal.raise()
  }

  /// The stream ends now: receipts that are not here will not come.
  func close(_ error: RPCError) {
    state.withLock { state in
      state.isClosed = true
      state.error = state.error ?? error
    }
    inFlight.lifted()
    signal.raise()
  }

  /// Waits for receipts.
  ///
  /// - Returns: All that may go out by now; nil after the last.
  /// - Throws: What the stream ends with, after the last receipt.
  func next() async throws -> [Receipt]? {
    while true {
      enum Next {
        case receipts([Receipt])
        case end(RPCError?)
        case wait
      }
      let next: Next = state.withLock { state in
        if !state.receipts.isEmpty {
          defer { state.receipts = [] }
          return .receipts(state.receipts)
        }
        if state.isClosed || (state.isReadingOver && state.outstanding == 0) { return .end(state.error) }
        return .wait
      }
      switch next {
      case .receipts(let receipts): return receipts
      case .end(let error?): throw error
      case .end(nil): return nil
      case .wait:
        try Task.checkCancellation()
        await signal.wait()
      }
    }
  }

  /// The writer handed receipts to the transport.
  func sent(_ receipts: [Receipt]) { inFlight.left(receipts.reduce(0) { $0 + $1.samples.count }) }
}
