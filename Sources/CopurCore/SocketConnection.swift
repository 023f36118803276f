internal import Foundation

/// Sockets that a user names: `tcp:HOST:PORT` or `unix:PATH`.
package enum SocketConnection {
  /// A connected socket; −1, with errno, if nobody is there.
  package static func connected(to location: String) throws -> Int32 {
    if location.hasPrefix("unix:") {
      let path = Array(location.dropFirst("unix:".count).utf8)
      var address = sockaddr_un()
      let room = MemoryLayout.size(ofValue: address.sun_path) - 1
      guard !path.isEmpty, path.count <= room else {
        throw CopurError(.invalidArgument, "a socket's path has 1 to \(room) bytes (actual: \"\(location)\")")
      }
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let outcome = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      return outcome == 0 ? descriptor : closed(descriptor)
    }
    let place = location.dropFirst("tcp:".count)
    guard let colon = place.lastIndex(of: ":"), let port = UInt16(place[place.index(after: colon)...]), port > 0 else {
      throw CopurError(.invalidArgument, "a socket is tcp:HOST:PORT or unix:PATH (actual: \"\(location)\")")
    }
    let host = place[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, "\(port)", &hints, &found) == 0 else {
      throw CopurError(.missingInput, "\(location): there is no such host")
    }
    defer { freeaddrinfo(found) }
    var candidate = found
    var descriptor: Int32 = -1
    while let address = candidate {
      descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
      if descriptor >= 0 {
        if connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return descriptor }
        descriptor = closed(descriptor)
      }
      candidate = address.pointee.ai_next
    }
    return descriptor
  }

  private static func closed(_ descriptor: Int32) -> Int32 {
    let reason = errno
    close(descriptor)
    errno = reason
    return -1
  }
}
