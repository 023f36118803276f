import CLinux
import ServiceLifecycle

/// Gives memory that a burst has needed back to the system, now and then.
///
/// glibc keeps what is freed in the heap of each thread, and gives back its end only: without this the process stays as
/// large as the sum of the largest bursts of all its threads.
struct HeapTrimming: Service {
  /// Seldom enough not to be felt: a trim takes a millisecond, of which each thread waits for its own heap's part.
  private static let interval = Duration.seconds(30)

  func run() async {
    await cancelWhenGracefulShutdown {
      while true {
        do { try await Task.sleep(for: Self.interval) } catch { return }
        copur_heap_trim()
      }
    }
  }
}
