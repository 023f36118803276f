public import CopurFusionCenter
internal import Foundation
public import ServiceLifecycle
internal import Synchronization

/// The dashboard of a fusion center: looks at it four times a second, and tells every page that is open.
///
/// ```swift
/// let dashboard = Dashboard(of: center, model: DashboardModel(name: "…", agents: …, classes: …))
/// dashboard.addRoutes(to: router)
/// // Serve the router while `dashboard.run()` runs.
/// ```
public final class Dashboard: Service, Sendable {
  /// How often the service is looked at.
  private static let interval = Duration.milliseconds(250)
  /// How long nothing but time may go on before pages are told of it: they take it for a sign of life.
  private static let heartbeat = Duration.seconds(1)
  /// Events that are kept for pages that come back, a minute of a busy service's.
  private static let keptEvents = 240
  /// Events that a page may leave unread before it is dropped.
  package static let unreadEvents = 32
  /// Pages that may be open at a time.
  package static let maximumPages = 64
  /// How long a page is open before it gives way to a new one, if there are as many as may be: one that reads comes back.
  private static let pagePatience = Duration.seconds(10)

  private struct Content {
    var state: DashboardState
    var log: EventLog
    var pages: [Int: AsyncStream<String>.Continuation] = [:]
    /// When each of them opened.
    var openings: [Int: Duration] = [:]
    var opened = 0
    var lastTold = Duration.zero
    var isOver = false
  }

  private let center: FusionCenter
  private let feed: RoundFeed
  private let refusals: @Sendable () -> [(rule: String, count: Int)]
  private let content: Mutex<Content>
  private let origin = ContinuousClock.now

  /// - Parameters:
  ///   - center: The service. It is watched from now on.
  ///   - refusals: How often peers were refused, by rule.
  public init(
    of center: FusionCenter, model: DashboardModel,
    refusals: @escaping @Sendable () -> [(rule: String, count: Int)] = { [] }
  ) {
    self.center = center
    self.refusals = refusals
    feed = center.watchedRounds()
    content = Mutex(
      Content(
        state: DashboardState(model: model),
        log: EventLog(run: String(UInt64.random(in: .min ... .max), radix: 36), limit: Self.keptEvents)))
  }

  /// Looks and tells until the surrounding service group shuts down; then every page's stream ends.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        self.look()
        try? await Task.sleep(for: Self.interval)
      }
    }
    look()
    center.unwatched(feed)
    let pages = content.withLock { content in
      content.isOver = true
      defer { content.pages = [:] }
      return content.pages
    }
    for page in pages.values { page.finish() }
  }

  /// Looks at the service once, and tells the pages if there is news.
  package func look() {
    let (now, date) = (ContinuousClock.now - origin, Date.now.timeIntervalSince1970 * 1000)
    let (status, refused, taken) = (center.status, refusals(), feed.taken())
    let isDue = content.withLock { content in
      content.state.looked(at: status, refused: refused, date: date)
      content.state.decided(taken.rounds, lost: taken.lost, at: now, date: date)
      return content.state.hasNews || now - content.lastTold >= Self.heartbeat && !content.pages.isEmpty
    }
    if isDue { tell() }
  }

  /// Tells the pages what is new.
  package func tell() {
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
  package func opened(after seen: EventID?, at time: Duration? = nil) -> AsyncStream<String>? {
    let now = time ?? ContinuousClock.now - origin
    let (stream, givingWay) = content.withLock { content -> (AsyncStream<String>?, AsyncStream<String>.Continuation?) in
      guard !content.isOver else { return (nil, nil) }
      var givingWay: AsyncStream<String>.Continuation?
      if content.pages.count >= Self.maximumPages {
        // Numbers grow with time.
        guard let oldest = content.pages.keys.min(),
          now - (content.openings[oldest] ?? now) >= Self.pagePatience
        else { return (nil, nil) }
        givingWay = content.pages.removeValue(forKey: oldest)
      }
      let (stream, page) = AsyncStream.makeStream(
        of: String.self, bufferingPolicy: .bufferingOldest(Self.unreadEvents))
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

  /// How many pages are open.
  package var pages: Int { content.withLock { $0.pages.count } }

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
