internal import Synchronization

/// The bytes of one connection's frames, both ways, before encryption: TLS adds 22 to every 16 KiB.
public final class HTTP2Traffic: Sendable, Hashable {
  private let receivedBytes = Atomic(0)
  private let sentBytes = Atomic(0)

  init() {}

  /// Bytes that came.
  public var received: Int { receivedBytes.load(ordering: .relaxed) }

  /// Bytes that left.
  public var sent: Int { sentBytes.load(ordering: .relaxed) }

  func receive(_ bytes: Int) { receivedBytes.add(bytes, ordering: .relaxed) }

  func send(_ bytes: Int) { sentBytes.add(bytes, ordering: .relaxed) }

  public static func == (left: HTTP2Traffic, right: HTTP2Traffic) -> Bool { left === right }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
