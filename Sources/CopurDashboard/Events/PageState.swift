/// The state that pages show: a value of bounded size that says what a page is told first, and what is new since.
package protocol PageState {
  associatedtype Snapshot: Encodable
  associatedtype Update: Encodable

  /// Everything, for a page that knows nothing yet.
  var snapshot: Snapshot { get }
  /// Whether there is more to tell than that time goes on.
  var hasNews: Bool { get }
  /// The news since the last update, which are then told and no longer new.
  ///
  /// - Parameter now: Since the dashboard began.
  mutating func update(at now: Duration) -> Update
}
