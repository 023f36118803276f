/// Whom a certificate is against: agents that may send anything, or nothing, and know everything.
public enum CompromisedAgents: Hashable, Sendable {
  /// Exactly these, by their positions.
  case these(Set<Int>)
  /// Any so many, at least 0: whichever they are.
  case any(Int)
}
