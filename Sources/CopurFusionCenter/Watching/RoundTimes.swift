/// The moments of a round until its verdict waits for the journal, on the fusion center's clock.
struct RoundTimes: Sendable {
  /// Its clock started; nil if too few agents spoke for that.
  var started: Duration?
  /// The defence got it.
  var deciding: Duration
  /// The defence was done with it.
  var decided: Duration

  /// The lengths of its parts; nil without a clock that has run.
  ///
  /// - Parameter stored: When the verdict was stored.
  func parts(until stored: Duration) -> DecidedRound.Parts? {
    started.map { .init(gathering: deciding - $0, deciding: decided - deciding, storing: stored - decided) }
  }
}
