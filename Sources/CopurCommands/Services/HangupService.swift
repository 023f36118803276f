import ServiceLifecycle
import UnixSignals

/// Runs actions at every SIGHUP, one after the other: the sign to read files again that a service was started with.
///
/// Without it SIGHUP ends the process.
struct HangupService: Service {
  /// In this order; each one says itself in the log what became of it.
  let actions: [@Sendable () async -> Void]
  /// Told of the beginning and of the end.
  let notices: ServiceNotices

  func run() async {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    await cancelWhenGracefulShutdown {
      for await _ in signals {
        await notices.reloading {
          for action in actions { await action() }
        }
      }
    }
  }
}
