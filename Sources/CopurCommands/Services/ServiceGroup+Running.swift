import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs services until one of them ends or the process is told to stop, by SIGTERM or SIGINT. A second signal ends it at
/// once.
///
/// - Parameters:
///   - services: Shut down from last to first.
///   - watchesParent: Whether the end of standard input is a reason to stop, too.
///   - notices: What the service manager is told of them.
///   - longestWork: How long what is in flight may rightly take; services that take much longer to stop are given up.
func runServices(
  _ services: [any Service], watchesParent: Bool, notices: ServiceNotices, longestWork: Duration = .zero, logger: Logger
) async throws {
  let whole = GroupOfServices()
  // The last one is the first to be shut down: the manager is told before anything ends.
  let all = services + [notices] + (watchesParent ? [ParentWatch()] : []) + [SecondSignal()]
  var configuration = ServiceGroupConfiguration(
    services: all.map {
      .init(service: EndsInTurn(service: $0, whole: whole), successTerminationBehavior: .gracefullyShutdownGroup)
    }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  // A peer that never ends its calls does not keep the process.
  configuration.maximumGracefulShutdownDuration = longestWork + .seconds(10)
  let group = ServiceGroup(configuration: configuration)
  whole.group.withLock { $0 = group }
  try await group.run()
}

/// The group that services belong to, known once it is made of them.
private final class GroupOfServices: Sendable {
  let group = Mutex<ServiceGroup?>(nil)
}

/// A service that waits for its turn once its work is done. A group shuts its services down one after the other, and takes one
/// that ends by itself before its turn for a failure of all: work that is done while the parent ends would be lost.
private struct EndsInTurn: Service, CustomStringConvertible {
  let service: any Service
  let whole: GroupOfServices

  var description: String { "\(type(of: service))" }

  func run() async throws {
    try await service.run()
    await whole.group.withLock { $0 }?.triggerGracefulShutdown()
    // Throws if everything is cancelled, which is no failure of its own.
    try? await gracefulShutdown()
  }
}

/// Gives signals their usual effect again once the shutdown has begun.
private struct SecondSignal: Service {
  func run() async throws {
    // Throws if everything is cancelled, which is no failure of its own.
    try? await gracefulShutdown()
    for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
  }
}
