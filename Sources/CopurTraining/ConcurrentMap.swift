/// The results of a closure for each number of a range, computed in child tasks, in the order of the numbers.
///
/// - Throws: The first error of any; the others are cancelled then.
func concurrentMap<Result: Sendable>(
  _ range: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    for number in range { group.addTask { (number, try await body(number)) } }
    var results: [(Int, Result)] = []
    for try await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
