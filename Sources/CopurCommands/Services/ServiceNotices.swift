import CLinux
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// The notices of a long-running process to its service manager: that it is ready, reads its files again, stops, and still
/// runs.
///
/// Where no manager waits, nothing is told.
final class ServiceNotices: Service {
  private let manager: ServiceManager?
  /// The interval at which the manager wants to hear that the process runs; nil if it does not.
  private let watchdog: Duration?
  /// The number of ports that do not listen yet.
  private let awaited: Mutex<Int>
  /// Whether there is nothing to wait for.
  private let startsReady: Bool
  private let status: String
  private let answers: @Sendable () async -> Void
  private let logger: Logger

  /// - Parameters:
  ///   - status: What the process does once it is ready, a line.
  ///   - ports: How many ports have to listen before that.
  ///   - isChild: Whether another process of this program started it, and the manager knows only that one.
  ///   - answers: Called before the manager is told that the process runs; it does not return if the process is stuck.
  init(
    _ status: String, ports: Int = 0, isChild: Bool,
    answers: @escaping @Sendable () async -> Void = {}, logger: Logger
  ) {
    self.status = status
    awaited = Mutex(ports)
    startsReady = ports == 0
    self.answers = answers
    self.logger = logger
    let environment = isChild ? [:] : ProcessInfo.processInfo.environment
    manager = ServiceManager(environment: environment)
    watchdog = manager == nil ? nil : Self.watchdog(environment, logger: logger)
  }

  /// Half of the time after which the manager takes the process for stuck (sd_watchdog_enabled(3)).
  private static func watchdog(_ environment: [String: String], logger: Logger) -> Duration? {
    guard let text = environment["WATCHDOG_USEC"] else { return nil }
    // Another process's, which this one has inherited.
    if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
    guard let microseconds = Int64(text), microseconds > 0 else {
      logger.warning("WATCHDOG_USEC is a number of microseconds over 0", metadata: ["actual": "\(text)"])
      return nil
    }
    return .microseconds(microseconds) / 2
  }

  /// Counts a port that listens; after the last one the process is ready.
  func listens() {
    let isReady = awaited.withLock { count in
      count -= 1
      return count == 0
    }
    if isReady { tell(["READY=1", "STATUS=\(status)"]) }
  }

  /// Tells of work on a SIGHUP.
  func reloading(_ work: () async -> Void) async {
    tell(["RELOADING=1", "MONOTONIC_USEC=\(copur_monotonic_nanoseconds() / 1000)"])
    await work()
    tell(["READY=1", "STATUS=\(status)"])
  }

  func run() async throws {
    if startsReady { tell(["READY=1", "STATUS=\(status)"]) }
    await cancelWhenGracefulShutdown {
      if let watchdog = self.watchdog {
        while !Task.isCancelled {
          await self.answers()
          self.tell(["WATCHDOG=1"])
          try? await Task.sleep(for: watchdog)
        }
      } else {
        try? await gracefulShutdown()
      }
    }
    tell(["STOPPING=1", "STATUS=finishing what is in flight"])
  }

  private func tell(_ lines: [String]) {
    do {
      try manager?.tell(lines)
    } catch {
      logger.warning("the service manager cannot be told", metadata: ["what": "\(lines[0])", "error": "\(error)"])
    }
  }
}
