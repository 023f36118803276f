internal import Synchronization

/// The kinds of a family that scenarios may name.
///
/// Each module fills its own with one list. A program of one's own adds to it before it reads a scenario.
public final class KindRegistry<Family>: Sendable {
  private let what: String
  private let all: Mutex<[KindEntry<Family>]>
  /// Kinds that are found by their names alone.
  private let unlisted = Mutex<[KindEntry<Family>]>([])

  /// - Parameters:
  ///   - what: What the family is, with its article, such as "an attack".
  ///   - entries: The kinds, in the order in which tables and messages list them.
  public init(of what: String, _ entries: [KindEntry<Family>]) {
    self.what = what
    all = Mutex(entries)
  }

  /// The kinds, in order.
  public var entries: [KindEntry<Family>] { all.withLock { $0 } }

  /// The names of the kinds, in order.
  public var names: [String] { entries.map(\.name) }

  /// The kind of a name.
  public subscript(name: String) -> KindEntry<Family>? {
    (entries + unlisted.withLock { $0 }).first { $0.name == name }
  }

  /// Adds a kind.
  ///
  /// - Parameter isListed: Whether scenarios may name it, so that reference and messages list it. Bundles name others, too.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if there is one of that name.
  public func register(_ entry: KindEntry<Family>, isListed: Bool = true) throws {
    try all.withLock { entries in
      try unlisted.withLock { unlisted in
        guard !(entries + unlisted).contains(where: { $0.name == entry.name }) else {
          throw CopurError(.invalidArgument, "\(what) of kind \"\(entry.name)\" is registered once (twice)")
        }
        if isListed { entries.append(entry) } else { unlisted.append(entry) }
      }
    }
  }
}
