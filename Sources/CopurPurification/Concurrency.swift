internal import Dispatch
internal import Foundation
internal import Synchronization

private let cores = ProcessInfo.processInfo.activeProcessorCount

/// Spreads the samples of a batch over the cores, a group of neighbours at a time to whichever core is free; one group
/// stays on the caller's thread.
///
/// - Parameters:
///   - count: How many samples there are.
///   - group: How many are solved at a time.
///   - pool: Where a core's working memory comes from and goes to.
///   - make: Makes it where the pool is empty.
///   - body: Solves a range of samples; ranges do not overlap.
func spread<Workspace>(
  _ count: Int, group: Int, pool: WorkspacePool<Workspace>, make: @Sendable () -> Workspace,
  _ body: @Sendable (Workspace, Range<Int>) -> Void
) {
  let groups = (count + group - 1) / group
  let next = Atomic(0)
  @Sendable func work(_: Int) {
    var workspace: Workspace?
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < groups else { break }
      let current = workspace ?? pool.take() ?? make()
      workspace = current
      body(current, index * group..<min(count, (index + 1) * group))
    }
    if let workspace { pool.giveBack(workspace) }
  }
  if groups > 1 && cores > 1 {
    DispatchQueue.concurrentPerform(iterations: min(cores, groups), execute: work)
  } else {
    work(0)
  }
}

/// Working memory that waits for its next use.
final class WorkspacePool<Workspace>: @unchecked Sendable {
  // Unchecked: a workspace is out of the pool while a thread uses it.
  private let waiting = Mutex<[Waiting]>([])

  private struct Waiting: @unchecked Sendable { let workspace: Workspace }

  func take() -> Workspace? { waiting.withLock { $0.popLast() }?.workspace }
  func giveBack(_ workspace: Workspace) {
    let waiting = Waiting(workspace: workspace)
    self.waiting.withLock { $0.append(waiting) }
  }
}

/// Memory of which each thread writes its own samples' part.
struct SharedOutput<Element>: @unchecked Sendable {
  // Unchecked: see ``spread(_:group:pool:make:_:)``; ranges of samples do not overlap.
  let start: UnsafeMutablePointer<Element>
}
