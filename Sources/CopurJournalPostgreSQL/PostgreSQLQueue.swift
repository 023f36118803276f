internal import Dispatch

/// The thread on which a connection's calls wait for the database, so that no thread of a task does.
struct PostgreSQLQueue: Sendable {
  private let queue = DispatchQueue(label: "copur.postgresql")

  /// Runs work after all that came before.
  func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try work() }) }
    }
  }
}
