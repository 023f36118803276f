import Foundation

/// The socket of a service manager, which a test reads.
final class NotifySocket: Sendable {
  /// The lines of all datagrams in their order.
  let notices = LineLog()
  private let descriptor: Int32

  /// - Parameter address: A path, or `@NAME` for one in Linux's abstract namespace.
  init(_ address: String) throws {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    guard address.utf8.count < MemoryLayout.size(ofValue: name.sun_path) else {
      throw MissingProgram("the path of a socket is short (actual: \(address))")
    }
    withUnsafeMutableBytes(of: &name.sun_path) { path in
      path.copyBytes(from: address.utf8)
      if address.hasPrefix("@") { path[0] = 0 }
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + address.utf8.count)
    let bound = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0 else { throw MissingProgram("\(address): \(String(cString: strerror(errno)))") }
    self.descriptor = descriptor
    // Reading blocks, so it has a thread of its own, which ends when the socket is shut down.
    Thread.detachNewThread { [notices] in
      var datagram = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &datagram, datagram.count, 0)
        guard count > 0 else { break }
        for line in String(decoding: datagram.prefix(count), as: UTF8.self).split(separator: "\n") {
          notices.append(String(line))
        }
      }
      notices.end()
      close(descriptor)
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
