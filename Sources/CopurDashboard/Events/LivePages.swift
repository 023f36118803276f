internal import Foundation
internal import Synchronization

/// The pages that are open, and a state that all of them show.
final class LivePages<State: PageState & Sendable>: Sendable {
  /// How long nothing but time may go on before pages are told of it: they take it for a sign of life.
  private static var heartbeat: Duration { .seconds(1) }

  private struct Content {
    var state: State
    var log: EventLog
    var pages: [Int: AsyncStream<String>.Continuation] = [:]
    /// When each of them opened.
    var openings: [Int: Duration] = [:]
    var opened = 0
    var lastTold = Duration.zero
    var isOver = false
  }

  private let content: Mutex<Content>
  private let origin = ContinuousClock.now

  init(_ state: State) {
    content = Mutex(
      Content(
        state: state,
        log: EventLog(run: String(UInt64.random(in: .min ... .max), radix: 36), limit: PageLimits.keptEvents)))
  }

  /// How many pages are open.
  var count: Int { content.withLock { $0.pages.count } }

  /// Changes the state, and tells the pages if there is news.
  ///
  /// - Parameter body: Gets the state, the time since the beginning, and the date in milliseconds since 1970.
  func change(_ body: (inout State, _ now: Duration, _ date: Double) -> Void) {
    let (now, date) = (ContinuousClock.now - origin, Date.now.timeIntervalSince1970 * 1000)
    let isDue = content.withLock { content in
      body(&content.state, now, date)
      return content.state.hasNews || now - content.lastTold >= Self.heartbeat && !content.pages.isEmpty
    }
    if isDue { tell() }
  }

  /// Tells the pages what is new.
  func tell() {
    let now = ContinuousClock.now - origin
    let dropped: [AsyncStream<String>.Continuation] = content.withLock { content in
      content.lastTold = now
      let update = content.state.update(at: now)
      let text = content.log.append("update", data: json(update)).text
      var dropped: [AsyncStream<String>.Continuation] = []
      for (number, page) in content.pages {
        // A page that does not read is dropped; it comes back, and gets what it missed or everything anew.
        if case .dropped = page.yield(text) {
          content.pages[number] = nil
          dropped.append(page)
        }
      }
      return dropped
    }
    for page in dropped { page.finish() }
  }

  /// A page opened: the events that it needs, from now on.
  ///
  /// - Parameters:
  ///   - seen: The last event that it has seen.
  ///   - time: The time since the dashboard began; nil: now.
  /// - Returns: The text of events: what it missed, or a snapshot, and then what is new; nil if too many pages are open
  ///   or the dashboard is over.
  func opened(after seen: EventID?, at time: Duration? = nil) -> AsyncStream<String>? {
    let now = time ?? ContinuousClock.now - origin
    let (stream, givingWay) = content.withLock { content -> (AsyncStream<String>?, AsyncStream<String>.Continuation?) in
      guard !content.isOver else { return (nil, nil) }
      var givingWay: AsyncStream<String>.Continuation?
      if content.pages.count >= PageLimits.pages {
        // Numbers grow with time.
        guard let oldest = content.pages.keys.min(),
          now - (content.openings[oldest] ?? now) >= PageLimits.patience
        else { return (nil, nil) }
        givingWay = content.pages.removeValue(forKey: oldest)
      }
      let (stream, page) = AsyncStream.makeStream(
        of: String.self, bufferingPolicy: .bufferingOldest(PageLimits.unreadEvents))
      let number = content.opened
      content.opened += 1
      // One piece of text, so that it counts as one event however many it is.
      page.yield(
        seen.flatMap { content.log.events(after: $0) }.map { "retry: 1000\n\n" + $0.map(\.text).joined() }
          ?? ServerSentEvent(id: content.log.latest, name: "snapshot", data: json(content.state.snapshot)).text)
      content.pages[number] = page
      content.openings = content.openings.filter { content.pages[$0.key] != nil }
      content.openings[number] = now
      page.onTermination = { [weak self] _ in self?.closed(page: number) }
      return (stream, givingWay)
    }
    // Not with the lock, as it says that the page is closed.
    givingWay?.finish()
    return stream
  }

  /// Ends every page's stream, and takes no more.
  func end() {
    let pages = content.withLock { content in
      content.isOver = true
      defer { content.pages = [:] }
      return content.pages
    }
    for page in pages.values { page.finish() }
  }

  private func closed(page number: Int) {
    _ = content.withLock { $0.pages.removeValue(forKey: number) }
  }
}

private func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.withoutEscapingSlashes]
  do {
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  } catch {
    // Numbers that are not finite are left out where records are made; nothing else can fail.
    preconditionFailure("a dashboard's records can be encoded: \(error)")
  }
}
