import CopurCore
import Foundation

/// An address on which a service is to listen: whether it can be had.
struct PortCheck {
  let address: SocketAddress
  /// Whether the user asked for it; a port that nobody named is worth a warning only.
  let isNamed: Bool

  func findings() -> [Finding] {
    guard let (errors, reason) = attempt() else { return [.ok("port", "\(address) is free")] }
    let remedy =
      switch errors {
      case EADDRINUSE: "stop what listens there (ss --listening --tcp --processes), or take another port"
      case EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE: take a higher one"
      default: "name an address of this machine"
      }
    let message = "\(address) cannot be listened on: \(reason)"
    guard isNamed else { return [.warning("port", message, do: remedy)] }
    return [.fault("port", errors == EACCES ? .noPermission : .unavailable, message, do: remedy)]
  }

  /// Listens for a moment.
  ///
  /// - Returns: Why it cannot be done; nil if it can.
  private func attempt() -> (number: Int32, reason: String)? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(address.host, "\(address.port)", &hints, &found)
    guard status == 0, let first = found else { return (0, String(cString: gai_strerror(status))) }
    defer { freeaddrinfo(found) }
    let handle = socket(first.pointee.ai_family, first.pointee.ai_socktype, first.pointee.ai_protocol)
    guard handle >= 0 else { return (errno, String(cString: strerror(errno))) }
    defer { close(handle) }
    // As the service does, so that a port that was just left can be had.
    var yes: Int32 = 1
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(handle, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(handle, 1) == 0 else {
      return (errno, String(cString: strerror(errno)))
    }
    return nil
  }
}
