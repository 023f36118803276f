import CopurFusionCenter
import Synchronization

/// A journal whose commits wait until the test lets them through, and fail when it says so.
final class HeldJournal: Journal {
  struct Failure: Error {}

  private struct State {
    var isHolding = true
    var fails = false
    var groups: [JournalGroup] = []
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// One element a call of `append`, before it waits.
  let begun = AsyncStream.makeStream(of: Int.self)

  var isDurable: Bool { true }

  /// The groups that were committed.
  var groups: [JournalGroup] { state.withLock(\.groups) }

  func recover(remembering rounds: Int) -> JournalRecovery { JournalRecovery() }

  func append(_ group: JournalGroup) async throws {
    begun.continuation.yield(group.blockCount)
    await withCheckedContinuation { continuation in
      let passes = state.withLock { state in
        if !state.isHolding { return true }
        state.waiting.append(continuation)
        return false
      }
      if passes { continuation.resume() }
    }
    try state.withLock { state in
      if state.fails { throw Failure() }
      state.groups.append(group)
    }
  }

  /// Lets the commits through that wait, and all that follow.
  func release(failing: Bool = false) {
    let waiting = state.withLock { state in
      state.isHolding = false
      state.fails = failing
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
