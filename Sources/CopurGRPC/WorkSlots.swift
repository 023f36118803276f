/// The number of streams of a connection that are open or still worked for.
///
/// A stream that is reset makes room for another one in HTTP/2, but not here as long as its handler runs: work is
/// counted, not streams.
package struct WorkSlots: Sendable {
  private let maximum: Int
  private var open = 0
  private var abandoned = 0

  /// Creates the slots of a connection without streams.
  ///
  /// - Parameter maximum: How many streams may be open or worked for.
  package init(maximum: Int) {
    self.maximum = maximum
  }

  /// A stream was opened.
  ///
  /// - Returns: Whether there is a slot for it. If not, it is to be refused, and nothing more is said of it here.
  package mutating func streamOpened() -> Bool {
    guard open + abandoned < maximum else { return false }
    open += 1
    return true
  }

  /// A stream was closed.
  ///
  /// - Parameter workGoesOn: Whether its handler has been cancelled and not ended.
  package mutating func streamClosed(workGoesOn: Bool) {
    open -= 1
    if workGoesOn { abandoned += 1 }
  }

  /// The handler of a closed stream has ended after all.
  package mutating func abandonedWorkEnded() {
    abandoned -= 1
  }
}
