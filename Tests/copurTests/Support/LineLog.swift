import Synchronization

/// The lines that a program has printed so far, for tests that wait for one of them.
final class LineLog: Sendable {
  /// The program ended, and the line that a test waits for did not come.
  struct NoSuchLine: Error, CustomStringConvertible {
    let wanted: String
    let lines: [String]

    var description: String { "no line with \"\(wanted)\" before the end of:\n\(lines.joined(separator: "\n"))" }
  }

  private struct State {
    var lines: [String] = []
    var isOver = false
    var nextWaiter = 0
    var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// All lines so far, without their line feeds.
  var lines: [String] { state.withLock { $0.lines } }
  var text: String { lines.joined(separator: "\n") }

  func append(_ line: String) { change { $0.lines.append(line) } }

  /// No more lines come.
  func end() { change { $0.isOver = true } }

  /// Waits for a line that contains a text.
  ///
  /// - Throws: ``NoSuchLine`` at the end of the lines; `CancellationError`.
  @discardableResult
  func line(containing text: String) async throws -> String {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = continuation
      return state.nextWaiter
    }
    defer { state.withLock { $0.waiters[waiter] = nil } }
    continuation.yield()
    for await _ in changes {
      let (line, isOver) = state.withLock { state in
        (state.lines.first { $0.contains(text) }, state.isOver)
      }
      if let line { return line }
      if isOver { throw NoSuchLine(wanted: text, lines: lines) }
    }
    throw CancellationError()
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      for waiter in state.waiters.values { waiter.yield() }
    }
  }
}
