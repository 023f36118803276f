/// A journal that stores nothing: receipts say that a block is part of its round, not that it outlives the process.
public struct MemoryJournal: Journal {
  /// An empty one.
  public init() {}

  public var isDurable: Bool { false }

  public func recover(remembering rounds: Int) -> JournalRecovery { JournalRecovery() }

  public func append(_ group: JournalGroup) {}
}
