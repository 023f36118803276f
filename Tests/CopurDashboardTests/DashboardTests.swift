import CopurCore
import CopurDashboard
import CopurFusionCenter
import CopurJointTraining
import CopurNumerics
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Testing

struct DashboardTests {
  /// A defence that nothing is asked of here.
  private struct NoDefense: Defense {
    let name = "none"
    let layout: BlockLayout
    func decide(_ observation: Observation) -> [Decision] { [] }
  }

  private func dashboard() async throws -> Dashboard {
    let roster = try AgentRoster(agents: SampleRounds.agents, widths: [1, 1, 1, 1])
    let center = try await FusionCenter(
      configuration: FusionCenterConfiguration(
        roster: roster, modelVersion: "m1", defenses: [NoDefense(layout: roster.layout)], quorum: 1,
        patience: .none), journal: MemoryJournal(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return Dashboard(of: center, model: SampleRounds.model())
  }

  private func training() throws -> TrainingDashboard {
    let configuration = TrainingCenterConfiguration(
      agents: SampleRounds.agents, classNames: ["no", "yes"], silence: .never, purpose: "test")
    let center = try TrainingCenter(
      configuration, keys: try LabelledKeys(digests: [Data([1])], labels: [0]),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return TrainingDashboard(
      of: center,
      model: TrainingModel(name: "toy", kind: "training", jointTrainings: 1, epochs: 1, holdsOut: false))
  }

  private func id(of text: String) throws -> EventID {
    let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("id: ") })
    return try #require(EventID(String(line.dropFirst(4))))
  }

  @Test("First a snapshot, then what is new; a page that comes back gets what it missed")
  func events() async throws {
    let dashboard = try await dashboard()
    var first = try #require(dashboard.opened(after: nil)).makeAsyncIterator()
    let snapshot = try #require(await first.next())
    #expect(snapshot.contains("event: snapshot\ndata: {"))
    let opened = try id(of: snapshot)
    try await Task.sleep(for: .seconds(1.05))
    dashboard.look()
    let update = try #require(await first.next())
    #expect(update.contains("event: update\ndata: {"))
    #expect(try id(of: update).number == opened.number + 1)

    var again = try #require(dashboard.opened(after: opened)).makeAsyncIterator()
    let missed = try #require(await again.next())
    #expect(missed.contains(update) && !missed.contains("snapshot"))
    var stranger = try #require(dashboard.opened(after: EventID(run: "other", number: 0))).makeAsyncIterator()
    #expect(try #require(await stranger.next()).contains("event: snapshot"))
  }

  @Test("No more pages than the limit; one that is closed makes room")
  func limit() async throws {
    let dashboard = try await dashboard()
    var pages = (0..<PageLimits.pages).compactMap { _ in dashboard.opened(after: nil) }
    #expect(pages.count == PageLimits.pages && dashboard.opened(after: nil) == nil)
    pages.removeLast()
    #expect(dashboard.pages == PageLimits.pages - 1)
    #expect(dashboard.opened(after: nil) != nil)
  }

  /// 80 watchers who did not read kept everybody out.
  @Test("The oldest page gives way to a new one, if it has been open for ten seconds")
  func givingWay() async throws {
    let dashboard = try await dashboard()
    let pages = (0..<PageLimits.pages).compactMap { dashboard.opened(after: nil, at: .milliseconds($0)) }
    #expect(dashboard.opened(after: nil, at: .milliseconds(9999)) == nil)
    let new = dashboard.opened(after: nil, at: .seconds(10))
    #expect(new != nil && dashboard.opened(after: nil, at: .seconds(10)) == nil)
    #expect(dashboard.pages == PageLimits.pages && pages.count == PageLimits.pages)
    // The snapshot, and then the end.
    var oldest = pages[0].makeAsyncIterator()
    #expect(await oldest.next() != nil)
    #expect(await oldest.next() == nil)
  }

  @Test("A page that does not read is dropped, and the service is not held up")
  func slowReader() async throws {
    let dashboard = try await dashboard()
    let slow = try #require(dashboard.opened(after: nil))
    let run = Task { try await dashboard.run() }
    // The snapshot is one of the unread events; the pages are told once a second.
    for _ in 0..<PageLimits.unreadEvents + 1 { dashboard.tell() }
    #expect(dashboard.pages == 0)
    var unread = 0
    for await _ in slow { unread += 1 }
    #expect(unread == PageLimits.unreadEvents)
    run.cancel()
    _ = await run.result
    #expect(dashboard.opened(after: nil) == nil)
  }

  @Test(
    "Every part of the page is its file, comes with a policy under which nothing else runs, and has nothing inline",
    arguments: [
      "dashboard.html": ("/", "text/html; charset=utf-8"),
      "training.html": ("/", "text/html; charset=utf-8"),
      "page.js": ("/page.js", "text/javascript; charset=utf-8"),
      "dashboard.js": ("/dashboard.js", "text/javascript; charset=utf-8"),
      "training.js": ("/training.js", "text/javascript; charset=utf-8"),
      "dashboard.css": ("/dashboard.css", "text/css; charset=utf-8"),
      "dashboard.svg": ("/dashboard.svg", "image/svg+xml"),
    ])
  func page(_ file: String, _ served: (path: String, type: String)) async throws {
    let (path, type) = served
    let router = Router()
    if file.hasPrefix("training") {
      try training().addRoutes(to: router)
    } else {
      try await dashboard().addRoutes(to: router)
    }
    let context = BasicRequestContext(
      source: ApplicationRequestContextSource(
        channel: EmbeddedChannel(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    let request = Request(
      head: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path),
      body: RequestBody(buffer: ByteBuffer()))
    let response = try await router.buildResponder().respond(to: request, context: context)
    #expect(response.status == .ok && response.headers[.contentType] == type)
    let policy = response.headers[.contentSecurityPolicy] ?? ""
    #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
    #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"))
    let collected = Collected()
    try await response.body.write(collected)
    let text = collected.text
    let source = URL(filePath: #filePath).appending(path: "../../../Sources/CopurDashboard/Resources/\(file)")
    #expect(text == (try String(contentsOf: source.standardized, encoding: .utf8)))
    #expect(!text.isEmpty && !text.contains("https:"))
    if path == "/" {
      #expect(text.matches(of: #/<script[^>]*>/#).allSatisfy { $0.output.contains("src=") })
      #expect(!text.contains("<style") && !text.contains(" style=") && text.firstMatch(of: #/ on[a-z]+="/#) == nil)
    }
    // Names come from agents: nothing of theirs may become markup.
    #expect(!path.hasSuffix(".js") || !text.contains("innerHTML") && !text.contains("insertAdjacent"))
  }
}

/// Keeps a response's body.
private final class Collected: ResponseBodyWriter {
  private(set) var text = ""

  func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }

  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
