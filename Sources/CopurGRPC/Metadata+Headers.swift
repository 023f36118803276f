internal import CopurHTTP2
internal import GRPCCore

extension Metadata {
  /// Headers that belong to the transport and not to the application.
  private static let transportNames: Set<String> = [
    "te", "content-type", "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding", "connection",
    "content-length",
  ]

  /// The application's share of received headers.
  ///
  /// Values of names that end in `-bin` stay in Base64; `Metadata` decodes them when they are asked for.
  init(received headers: [HTTP2Header]) {
    self.init()
    for header in headers where !header.name.hasPrefix(":") && !Self.transportNames.contains(header.name) {
      addString(header.value, forKey: header.name)
    }
  }

  /// The headers that carry this metadata.
  ///
  /// - Throws: INVALID_ARGUMENT if a name or value cannot be sent ("Custom-Metadata" of gRPC over HTTP/2).
  func headers() throws(RPCError) -> [HTTP2Header] {
    var headers: [HTTP2Header] = []
    headers.reserveCapacity(count)
    for (key, value) in self {
      let name = key.lowercased()
      if Self.transportNames.contains(name) { continue }
      let text = value.encoded()
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte), text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }),
        text.utf8.first != 0x20, text.utf8.last != 0x20
      else {
        throw RPCError(
          code: .invalidArgument,
          message: "metadata needs a name of a-z 0-9 _ - . and a value of printable ASCII without space around it"
            + " (actual: \"\(key)\": \"\(text)\")")
      }
      headers.append(HTTP2Header(name, text))
    }
    return headers
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default:
      false
    }
  }
}
