/// The result of a pruning of a journal.
public struct PruningReport: Sendable, Hashable, Encodable {
  /// Rounds that were pruned, decided ones and those that were given up.
  public var rounds = 0
  /// The bytes of their records that were removed, and of those that an earlier pruning that was cut off has left.
  public var bytes = 0
  /// The bytes that the journal took before; nil where that is not known.
  public var storageBefore: Int?
  /// The bytes that the journal takes now.
  public var storageAfter: Int?
  /// Whether the space went back to the system; if not, a service that writes uses it again.
  public var gaveSpaceBack = false

  /// Nothing pruned yet.
  public init() {}
}
