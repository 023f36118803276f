import CLinux
import CopurCore
import Foundation

/// The service manager that started this process and waits for word of it, such as systemd: a datagram socket, which
/// `NOTIFY_SOCKET` names (sd_notify(3)).
struct ServiceManager: Sendable {
  /// A path, or a name in Linux's abstract namespace with `@` before it.
  let address: String

  init(address: String) { self.address = address }

  /// The manager that the environment names; nil if nobody waits.
  init?(environment: [String: String]) {
    guard let address = environment["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
    self.init(address: address)
  }

  /// Sends lines such as `READY=1`.
  ///
  /// - Throws: ``CopurError``: `.configuration` if the address is none, `.unavailable` if nobody takes the datagram.
  func tell(_ lines: [String]) throws {
    guard address.hasPrefix("/") || address.hasPrefix("@"), address.utf8.count > 1 else {
      throw CopurError(.configuration, "NOTIFY_SOCKET is a path or @NAME (actual: \"\(address)\")")
    }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: name.sun_path)
    guard address.utf8.count < room else {
      throw CopurError(
        .configuration, "NOTIFY_SOCKET has at most \(room - 1) bytes (actual: \(address.utf8.count))")
    }
    withUnsafeMutableBytes(of: &name.sun_path) { path in
      path.copyBytes(from: address.utf8)
      // unix(7): an abstract name begins with a zero byte, and is as long as the address says.
      if address.hasPrefix("@") { path[0] = 0 }
    }
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + address.utf8.count)
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("socket") }
    defer { close(descriptor) }
    // A manager that reads nothing does not hold this process up.
    _ = copur_send_patience(descriptor, 1)
    let message = Array(lines.joined(separator: "\n").utf8)
    // Returns the bytes sent, all of a datagram, or -1 and errno.
    let sent = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
    guard sent == message.count else { throw failure("sendto") }
  }

  private func failure(_ call: String) -> CopurError {
    CopurError(.unavailable, "NOTIFY_SOCKET, \(address): \(call): \(String(cString: strerror(errno)))")
  }
}
