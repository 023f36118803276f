internal import Synchronization

/// A peer was refused something.
public struct HTTP2Refusal: Sendable {
  /// Why.
  public var rule: HTTP2Rule

  /// The peer's address, such as `127.0.0.1:40312`.
  public var peer: String

  /// Whether the connection is closed or drained for it; if not, only a stream was refused.
  public var endsConnection: Bool

  /// The rule in words and the value that broke it.
  public var message: String

  /// Describes a refusal.
  public init(rule: HTTP2Rule, peer: String, endsConnection: Bool, message: String) {
    self.rule = rule
    self.peer = peer
    self.endsConnection = endsConnection
    self.message = message
  }
}

/// Counts what peers are refused, by rule. Shared by the connections of a server.
public final class HTTP2Refusals: Sendable {
  private let values: Mutex<[Int]>
  private let report: @Sendable (HTTP2Refusal) -> Void

  /// Creates counters that are zero.
  ///
  /// - Parameter report: Called after each refusal that is counted, on the connection's event loop.
  public init(report: @escaping @Sendable (HTTP2Refusal) -> Void = { _ in }) {
    self.values = Mutex([Int](repeating: 0, count: HTTP2Rule.allCases.count))
    self.report = report
  }

  /// The number of times that each rule was the reason, all rules in a fixed order.
  public var counts: [(rule: String, count: Int)] {
    let counts = values.withLock { $0 }
    return zip(HTTP2Rule.allCases, counts).map { ($0.rawValue, $1) }
  }

  /// The number of times that a rule was the reason.
  public func count(of rule: HTTP2Rule) -> Int {
    values.withLock { $0[Self.indices[rule]!] }
  }

  /// Counts a refusal and reports it.
  public func record(_ refusal: HTTP2Refusal) {
    values.withLock { $0[Self.indices[refusal.rule]!] += 1 }
    report(refusal)
  }

  private static let indices = Dictionary(
    uniqueKeysWithValues: HTTP2Rule.allCases.enumerated().map { ($1, $0) })
}
