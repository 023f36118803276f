import Foundation
import UnixSignals

/// A signal that told the program to stop before its work was done.
struct Interruption: Error, CustomStringConvertible {
  let signal: UnixSignal

  /// 128 + the signal, as shells have it.
  var exitStatus: Int32 { 128 + signal.rawValue }

  var description: String { "interrupted by \(signal)" }
}

/// Cancels work on SIGINT, SIGTERM or, unless the program was started to outlive its terminal, SIGHUP, so that it ends in
/// order: processes, and files that hold keys, are gone then.
///
/// - Throws: ``Interruption`` once the work has ended; what the work throws.
func interruptible<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      for await signal in await UnixSignalsSequence(trapping: [.sigint, .sigterm] + (ignoresHangup ? [] : [.sighup])) {
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

/// Whether SIGHUP is ignored, as `nohup` has it.
private let ignoresHangup: Bool = {
  var action = sigaction()
  return sigaction(SIGHUP, nil, &action) == 0
    && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}()
