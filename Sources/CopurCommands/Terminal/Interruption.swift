import UnixSignals

/// A signal that told the program to stop before its work was done.
struct Interruption: Error, CustomStringConvertible {
  let signal: UnixSignal

  /// 128 + the signal, as shells have it.
  var exitStatus: Int32 { 128 + signal.rawValue }

  var description: String { "interrupted by \(signal)" }
}

/// Cancels work on SIGINT or SIGTERM, so that it ends in order.
///
/// - Throws: ``Interruption`` once the work has ended; what the work throws.
func interruptible<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      for await signal in await UnixSignalsSequence(trapping: [.sigint, .sigterm]) {
        throw Interruption(signal: signal)
      }
      return nil
    }
    defer { group.cancelAll() }
    while let result = try await group.next() {
      if let result { return result }
    }
    throw CancellationError()
  }
}
