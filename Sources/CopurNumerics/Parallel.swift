internal import Dispatch
internal import Foundation

/// Work on several cores within one computation.
package enum Parallel {
  /// The number of cores.
  package static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// The work, in multiplications, from which it is worth to wake another core.
  package static let least = 16e6

  /// Runs a body for each number from 0, on several cores, and returns when all have ended.
  ///
  /// - Parameter body: Bodies of different numbers do not write to the same memory.
  package static func perform(_ count: Int, _ body: (Int) -> Void) {
    guard count > 1 else {
      if count == 1 { body(0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // Bodies run at once, and by the rule above on memory of their own; all have ended when this returns.
      nonisolated(unsafe) let shared = body
      DispatchQueue.concurrentPerform(iterations: count) { shared($0) }
    }
  }

  /// Runs a body for parts of a range, one a core, where the work is worth it.
  ///
  /// - Parameters:
  ///   - count: The range is 0 ..< count.
  ///   - multiplications: The work in all.
  ///   - unit: Parts begin at multiples of it; at least 1.
  ///   - body: Takes a part that is not empty.
  package static func divide(
    _ count: Int, multiplications: Double, unit: Int = 1, _ body: (Range<Int>) -> Void
  ) {
    let units = (count + unit - 1) / unit
    let parts = multiplications < 2 * least ? 1 : min(cores, units)
    guard parts > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    perform(parts) { part in
      let (from, to) = (part * units / parts * unit, min((part + 1) * units / parts * unit, count))
      if from < to { body(from..<to) }
    }
  }
}
