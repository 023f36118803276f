internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Why a socket could not be had, in the system's words where it is the system that refused.
func reason(of error: any Error) -> String {
  switch error {
  case let error as IOError:
    return String(cString: strerror(error.errnoCode))
  case let error as NIOConnectionError:
    // One failure for each address of the host; those of a host that is not known have none.
    var reasons: [String] = []
    for failure in error.connectionErrors.map({ reason(of: $0.error) }) where !reasons.contains(failure) {
      reasons.append(failure)
    }
    if reasons.isEmpty {
      reasons = [error.dnsAError, error.dnsAAAAError].compactMap { $0 }.prefix(1).map { reason(of: $0) }
    }
    return reasons.joined(separator: "; ")
  default:
    return "\(error)"
  }
}
