import ServiceLifecycle
import UnixSignals

/// Runs actions at every SIGHUP, one after the other: the sign to read files again that a service was started with.
///
/// Without it SIGHUP ends the process.
struct HangupService: Service {
  /// In this order; each one says itself in the log what became of it.
  let actions: [@Sendable () async -> Void]

  func run() async {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    await cancelWhenGracefulShutdown {
      for await _ in signals {
        for action in actions { await action() }
      }
    }
  }
}
