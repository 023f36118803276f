internal import Dispatch
internal import Synchronization

/// The results of a closure for each number of a range, computed on all cores, in the order of the numbers.
///
/// - Throws: The error of the lowest number that failed.
func concurrentMap<Result: Sendable>(
  _ range: Range<Int>, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: range.count) { offset in
    let result = Swift.Result { try body(range.lowerBound + offset) }
    results.withLock { $0[offset] = result }
  }
  return try results.withLock { results in
    try (0..<range.count).map { offset in
      guard let result = results[offset] else { preconditionFailure("every iteration stores its result") }
      return try result.get()
    }
  }
}
