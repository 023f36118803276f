package import CopurCore
package import GRPCCore
internal import Synchronization

/// The verdicts of one Predict or Watch call, from their commit to the writer that sends them.
package final class VerdictFeed: Sendable {
  private struct State {
    /// In the order in which they came, those of a delivery together: they are not copied one by one.
    var verdicts: [ArraySlice<Verdict>] = []
    /// The number of them.
    var count = 0
    /// The samples whose verdicts are still to come; nil: every sample, without an end.
    var pending: Set<UInt64>?
    var isClosed = false
    var error: RPCError?

    /// Some verdicts of those that were still to come.
    mutating func wanted(_ verdicts: ArraySlice<Verdict>) -> ArraySlice<Verdict> {
      guard pending != nil else { return verdicts }
      return verdicts.filter { pending?.remove($0.sample) != nil }[...]
    }
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
    state = Mutex(State(verdicts: decided.isEmpty ? [] : [decided[...]], count: decided.count, pending: samples))
  }

  /// Rounds were decided, and the decisions stored.
  package func deliver(_ verdicts: [Verdict]) {
    state.withLock { state in
      guard !state.isClosed else { return }
      for verdicts in session == nil ? [verdicts[...]] : verdicts.runs {
        guard let first = verdicts.indices.first, session == nil || verdicts[first].session == session else { continue }
        let wanted = state.wanted(verdicts)
        guard !wanted.isEmpty else { continue }
        state.verdicts.append(wanted)
        state.count += wanted.count
      }
      // A Predict leaves no more waiting than it asked for; a Watch has no such bound.
      if state.pending == nil, state.count > limit {
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
  /// - Returns: All that are here, in the order in which they came; nil after the last.
  /// - Throws: What the call ends with.
  package func next() async throws -> [ArraySlice<Verdict>]? {
    while true {
      enum Next {
        case verdicts([ArraySlice<Verdict>])
        case end(RPCError?)
        case wait
      }
      let next: Next = state.withLock { state in
        if !state.verdicts.isEmpty {
          defer { (state.verdicts, state.count) = ([], 0) }
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
