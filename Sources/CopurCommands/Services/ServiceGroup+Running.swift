import Glibc
import Logging
import ServiceLifecycle
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
  // The last one is the first to be shut down: the manager is told before anything ends.
  var configurations = (services + [notices]).map {
    ServiceGroupConfiguration.ServiceConfiguration(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
  }
  if watchesParent {
    configurations.append(
      .init(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
  }
  configurations.append(
    .init(service: SecondSignal(), successTerminationBehavior: .gracefullyShutdownGroup))
  var configuration = ServiceGroupConfiguration(
    services: configurations, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  // A peer that never ends its calls does not keep the process.
  configuration.maximumGracefulShutdownDuration = longestWork + .seconds(10)
  try await ServiceGroup(configuration: configuration).run()
}

/// Gives signals their usual effect again once the shutdown has begun.
private struct SecondSignal: Service {
  func run() async throws {
    // Throws if everything is cancelled, which is no failure of its own.
    try? await gracefulShutdown()
    for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
  }
}
