internal import Synchronization

/// A part that can fail at its work, since it needs something outside of this process; whoever uses it asks afterwards.
public protocol Fallible {
  /// Why its results since then count for nothing; nil if nothing failed.
  var failure: CopurError? { get }
}

/// The first failure of work that cannot throw, for whoever asks afterwards.
public final class NotedFailure: Fallible, Sendable {
  private let first = Mutex<CopurError?>(nil)

  /// Nothing failed yet.
  public init() {}

  public var failure: CopurError? { first.withLock { $0 } }

  /// Notes a failure, the first one for good.
  ///
  /// - Returns: The first one.
  @discardableResult public func note(_ error: CopurError) -> CopurError {
    first.withLock { first in
      first = first ?? error
      return first!
    }
  }
}
