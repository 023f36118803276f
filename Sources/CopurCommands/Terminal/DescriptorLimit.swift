import CopurCore
import Foundation

/// The number of files, sockets and pipes that this process may have open.
///
/// With too few of them libraries below end the program or wait for ever, so that what work needs is compared beforehand.
enum DescriptorLimit {
  /// Descriptors that a process needs besides its connections: standard streams, files that are read and written, and three for each
  /// thread that waits for sockets, of which there is one a core.
  private static var ofAnyService: Int { 48 + 3 * ProcessInfo.processInfo.activeProcessorCount }
  /// Descriptors of its parent that a child process needs: pipes to and from it, its log, its handle, and a connection.
  private static let ofChild = 12

  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  /// Raises the limit to what the system allows this process; it starts lower for the sake of programs that use `select`.
  static func raise() {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(resource, &limit)
  }

  /// Makes sure that a service, or a run with processes, has what it needs.
  ///
  /// - Parameters:
  ///   - children: How many processes are started.
  ///   - connections: How many peers are expected.
  ///   - whose: What needs them, for the message.
  /// - Throws: ``CopurError`` of code `.unavailable` that says how many there have to be.
  static func require(children: Int = 0, connections: Int = 0, for whose: String) throws {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    let needed = ofAnyService + ofChild * children + connections
    guard limit.rlim_cur < needed else { return }
    throw CopurError(
      .unavailable, "\(whose) needs \(needed) open files and sockets (allowed: \(limit.rlim_cur); see `ulimit -n`)")
  }
}
