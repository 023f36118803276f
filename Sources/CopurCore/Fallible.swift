/// A part that can fail at its work, since it needs something outside of this process; whoever uses it asks afterwards.
public protocol Fallible {
  /// Why its results since then count for nothing; nil if nothing failed.
  var failure: CopurError? { get }
}
