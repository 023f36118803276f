internal import Dispatch
internal import Foundation

private let cores = ProcessInfo.processInfo.activeProcessorCount

/// Spreads the samples of a batch over the cores: each piece is a run of neighbours, small batches stay on the
/// caller's thread.
///
/// - Parameters:
///   - count: How many samples there are.
///   - grain: The fewest samples that are worth a thread.
///   - body: Solves a range of samples; ranges do not overlap.
func spread(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
  // More pieces than cores, so that a piece of hard samples does not leave the other cores idle.
  let pieces = min(4 * cores, count / max(1, grain))
  guard pieces > 1, cores > 1 else { return body(0..<count) }
  DispatchQueue.concurrentPerform(iterations: pieces) { piece in
    body(count * piece / pieces..<count * (piece + 1) / pieces)
  }
}

/// Memory of which each worker writes its own samples' part.
struct SharedOutput<Element>: @unchecked Sendable {
  // Unchecked: see ``spread(_:grain:_:)``; ranges of samples do not overlap.
  let start: UnsafeMutablePointer<Element>
}
