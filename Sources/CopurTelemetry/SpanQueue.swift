package import CopurWire
internal import DequeModule
internal import Synchronization

/// Spans that have ended and were not sent yet. It is bounded: a collector that is slow or gone costs spans, never memory or
/// time of what they are about.
package final class SpanQueue: Sendable {
  private struct State {
    var spans = Deque<Copur_Otlp_Span>()
    var lost = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: The most spans that wait, at least 1.
  package init(limit: Int) {
    precondition(limit >= 1)
    self.limit = limit
  }

  /// Adds a span, or counts it as lost if there are as many as may be.
  package func append(_ span: Copur_Otlp_Span) {
    state.withLock { state in
      if state.spans.count < limit { state.spans.append(span) } else { state.lost += 1 }
    }
  }

  /// How many spans found no room.
  package var lost: Int { state.withLock { $0.lost } }

  package var isEmpty: Bool { state.withLock { $0.spans.isEmpty } }

  /// Takes the oldest spans.
  package func taken(atMost count: Int) -> [Copur_Otlp_Span] {
    state.withLock { state in
      let spans = Array(state.spans.prefix(count))
      state.spans.removeFirst(spans.count)
      return spans
    }
  }

  /// Throws away what waits.
  ///
  /// - Returns: How many spans that was.
  package func drained() -> Int {
    state.withLock { state in
      defer { state.spans = [] }
      return state.spans.count
    }
  }
}
