public import CopurJointTraining
public import Hummingbird
public import ServiceLifecycle

/// The dashboard of a training over the network: looks at it four times a second, and tells every page that is open.
public final class TrainingDashboard: Service, Sendable {
  private let center: TrainingCenter
  private let live: LivePages<TrainingState>

  /// - Parameter center: The training's fusion center.
  public init(of center: TrainingCenter, model: TrainingModel) {
    self.center = center
    live = LivePages(TrainingState(model: model, status: center.status))
  }

  /// Looks and tells until the surrounding service group shuts down; then every page's stream ends.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        self.look()
        try? await Task.sleep(for: Dashboard.interval)
      }
    }
    // How the training has ended.
    look()
    live.end()
  }

  /// Adds the page and its events to a router.
  public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    DashboardPage.training.addRoutes(to: router, events: live)
  }

  private func look() {
    let status = center.status
    live.change { state, now, date in state.looked(at: status, now: now, date: date) }
  }
}
