public import CopurFusionCenter
public import Hummingbird
public import ServiceLifecycle

/// The dashboard of a fusion center: looks at it four times a second, and tells every page that is open.
///
/// ```swift
/// let dashboard = Dashboard(of: center, model: DashboardModel(name: "…", agents: …, classes: …))
/// dashboard.addRoutes(to: router)
/// // Serve the router while `dashboard.run()` runs.
/// ```
public final class Dashboard: Service, Sendable {
  /// The interval at which a service is looked at.
  static let interval = Duration.milliseconds(250)

  private let center: FusionCenter
  private let feed: RoundFeed
  private let refusals: @Sendable () -> [(rule: String, count: Int)]
  private let live: LivePages<DashboardState>

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
    live = LivePages(DashboardState(model: model))
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
    live.end()
  }

  /// Adds the page and its events to a router.
  public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    DashboardPage.rounds.addRoutes(to: router, events: live)
  }

  /// Looks at the service once, and tells the pages if there is news.
  package func look() {
    let (status, refused, taken) = (center.status, refusals(), feed.taken())
    live.change { state, now, date in
      state.looked(at: status, refused: refused, date: date)
      state.decided(taken.rounds, lost: taken.lost, at: now, date: date)
    }
  }

  /// Tells the pages what is new.
  package func tell() { live.tell() }

  /// A page opened: the events that it needs, from now on.
  ///
  /// - Parameters:
  ///   - seen: The last event that it has seen.
  ///   - time: The time since the dashboard began; nil: now.
  /// - Returns: The text of events; nil if too many pages are open or the dashboard is over.
  package func opened(after seen: EventID?, at time: Duration? = nil) -> AsyncStream<String>? {
    live.opened(after: seen, at: time)
  }

  /// The number of pages that are open.
  package var pages: Int { live.count }
}
