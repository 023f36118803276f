/// The number of blocks that a decision needs.
public enum Quorum {
  /// The quorum that fits M agents of which any q may lie and m further ones may be silent:
  /// max(q + 1, min(⌈M/2⌉ + q, M − q − m)), at most M.
  ///
  /// Liars cannot have it alone: it is over q. They cannot deny it, if M ≥ 2q + 1 + m: all others are M − q − m, and the
  /// quorum is no more. And where M ≥ 3q + 1 + m, honest blocks are a majority of those that decide: it is at least 2q + 1,
  /// since ⌈M/2⌉ + q ≥ q + 1 + q where M ≥ 2q + 1. With ⌈M/2⌉ + q of them, half of the agents are left when the liars'
  /// blocks are taken as missing, which is what a gate needs to do so and not to be overruled. With fewer agents, M < 2q + 1
  /// + m, no number is both safe and undeniable; the safe one is taken.
  ///
  /// - Parameters:
  ///   - agents: M, at least 1.
  ///   - liars: q, at least 0.
  ///   - missing: m, at least 0.
  public static func fitting(agents: Int, liars: Int, missing: Int) -> Int {
    min(agents, max(liars + 1, min((agents + 1) / 2 + liars, agents - liars - missing)))
  }
}
