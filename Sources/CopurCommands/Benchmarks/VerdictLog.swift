import CopurWire
import Synchronization

/// The times at which the verdict of each sample came, in ``MonotonicTime``; 0: not.
final class VerdictLog: Sendable {
  private struct State {
    var times: [Int64] = []
    var incomplete = 0
  }

  private let state = Mutex(State())

  var times: [Int64] { state.withLock { $0.times } }
  /// The number of rounds that were closed without one of the agents.
  var incomplete: Int { state.withLock { $0.incomplete } }

  func received(_ verdicts: [Copur_V1_Verdict], at time: Int64) {
    state.withLock { state in
      for verdict in verdicts {
        guard verdict.hasDecision, verdict.agents.allSatisfy(\.contributed) else {
          state.incomplete += 1
          continue
        }
        let sample = Int(verdict.sample)
        if sample >= state.times.count {
          state.times += [Int64](repeating: 0, count: sample + 1024 - state.times.count)
        }
        state.times[sample] = time
      }
    }
  }
}
