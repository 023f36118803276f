/// How the exporter gets on with its collector, and the news that the log has of it: each once.
package struct CollectorHealth {
  package struct Counts {
    package var sent = 0
    package var refused = 0
    package var lost = 0
  }

  package enum News: Equatable {
    /// It takes spans again; so many were lost since it did not.
    case recovered(lost: Int)
    /// It takes requests, and not all of their spans.
    case refuses
    /// More spans come than it takes.
    case loses
  }

  package var counts = Counts()

  private var isTrouble = false
  private var isRefusing = false
  private var isLosing = false
  /// The spans that were lost when it last was well.
  private var lostBefore = 0

  package init() {}

  /// The collector has answered.
  ///
  /// - Parameter lost: How many spans were lost since the process began.
  package mutating func took(_ count: Int, refused: Int, lost: Int) -> News? {
    counts.sent += count - refused
    counts.refused += refused
    let (wasTrouble, wasRefusing, wasLosing) = (isTrouble, isRefusing, isLosing)
    let news = lost - lostBefore
    (isTrouble, isRefusing, isLosing, lostBefore) = (false, refused > 0, news > 0, lost)
    if wasTrouble { return .recovered(lost: news) }
    if refused > 0, !wasRefusing { return .refuses }
    return news > 0 && !wasLosing ? .loses : nil
  }

  /// A request has failed.
  ///
  /// - Parameter refused: How many spans are given up for it.
  /// - Returns: Whether that is news.
  package mutating func failed(refused: Int, lost: Int) -> Bool {
    counts.refused += refused
    if !isTrouble { lostBefore = lost }
    defer { isTrouble = true }
    return !isTrouble
  }
}
