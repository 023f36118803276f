/// The outcome of blocks of one session that share it.
public struct Receipt: Hashable, Sendable {
  /// The outcome of a block.
  public enum Status: Hashable, Sendable, CaseIterable {
    /// Stored, and part of its round.
    case accepted
    /// A block of equal content was accepted before: harmless.
    case duplicate
    /// Other content was accepted before, and stands.
    case conflict
    /// The round is closed.
    case late
    /// Not a block: its width is wrong, or a value is not finite.
    case invalid
  }

  /// The session.
  public var session: String
  /// The samples, in the order in which their blocks were sent.
  public var samples: [UInt64]
  /// The outcome of all of them.
  public var status: Status
  /// For a refusal, the rule and the value that broke it; else empty.
  public var reason: String

  /// - Parameter reason: For a refusal; else empty.
  public init(session: String, samples: [UInt64], status: Status, reason: String = "") {
    self.session = session
    self.samples = samples
    self.status = status
    self.reason = reason
  }
}
