package import CopurCore
package import GRPCCore
internal import Synchronization

/// The verdicts of one Predict or Watch call, from their commit to the writer that sends them.
package final class VerdictFeed: Sendable {
  private struct State {
    var verdicts: [Verdict] = []
    /// The samples whose verdicts are still to come; nil: every sample, without an end.
    var pending: Set<UInt64>?
    var isClosed = false
    var error: RPCError?
  }

  /// The session whose verdicts it wants; nil: all.
  package let session: String?
  private let limit: Int
  private let state: Mutex<State>
  private let signal = Signal()

  /// - Parameters:
  ///   - samples: The samples whose verdicts will come; nil: every sample, without an end.
  ///   - decided: Verdicts that exist already.
  ///   - limit: The most verdicts that may wait for the writer.
  package init(session: String?, samples: Set<UInt64>?, decided: [Verdict] = [], limit: Int) {
    self.session = session
    self.limit = limit
    state = Mutex(State(verdicts: decided, pending: samples))
  }

  /// Rounds were decided, and the decisions stored.
  package func deliver(_ verdicts: [Verdict]) {
    state.withLock { state in
      guard !state.isClosed else { return }
      for verdict in verdicts where session == nil || verdict.session == session {
        if state.pending != nil, state.pending?.remove(verdict.sample) == nil { continue }
        state.verdicts.append(verdict)
      }
      // A Predict leaves no more waiting than it asked for; a Watch has no such bound.
      if state.pending == nil, state.verdicts.count > limit {
        state.isClosed = true
        state.error = RPCError(
          code: .resourceExhausted, message: "verdicts are read too slowly (waiting, max: \(limit))")
      }
    }
    signal.raise()
  }

  /// The call ends once the verdicts that are here have been taken; with the error unless none was still to come.
  package func close(_ error: RPCError) {
    state.withLock { state in
      state.isClosed = true
      state.error = state.error ?? error
    }
    signal.raise()
  }

  /// Waits for verdicts.
  ///
  /// - Returns: All that are here; nil after the last.
  /// - Throws: What the call ends with.
  package func next() async throws -> [Verdict]? {
    while true {
      enum Next {
        case verdicts([Verdict])
        case end(RPCError?)
        case wait
      }
      let next: Next = state.withLock { state in
        if !state.verdicts.isEmpty {
          defer { state.verdicts = [] }
          return .verdicts(state.verdicts)
        }
        if let pending = state.pending, pending.isEmpty { return .end(nil) }
        return state.isClosed ? .end(state.error) : .wait
      }
      switch next {
      case .verdicts(let verdicts): return verdicts
      case .end(let error?): throw error
      case .end(nil): return nil
      case .wait:
        try Task.checkCancellation()
        await signal.wait()
      }
    }
  }
}
