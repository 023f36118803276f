import Foundation
import Testing

/// The reference of metrics has each metric that the service has, as the service describes it.
struct MetricsPageTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/CopurServing/Docs.docc/Metrics.md")

  private struct Metric: Hashable {
    var name: String
    var type: String
    var help: String
  }

  @Test("Every metric, its type, what it says and its labels are those of the page")
  func metrics() async throws {
    let text = try await withPlane { url, _ in
      // What is counted of requests is there after the first one.
      _ = try await get("metrics", of: url)
      return try await get("metrics", of: url).body
    }
    let served = text.matches(of: /# HELP (\w+) ([^\n]+)\n# TYPE \w+ (\w+)\n/).map {
      Metric(name: "\($0.1)", type: "\($0.3)", help: "\($0.2)")
    }
    let rows = try String(contentsOf: Self.page, encoding: .utf8)
      .matches(of: /\n\| `(\w+)` \| (counter|gauge|histogram) \| ([^|]*)\| ([^|]+) \|/)
    let listed = rows.map { Metric(name: "\($0.1)", type: "\($0.2)", help: "\($0.4)") }
    #expect(served.count > 40 && listed == served)

    var labels: [String: Set<String>] = [:]
    for sample in text.matches(of: #/\n(\w+)\{([^\n]*)\}\ /#) {
      let family = "\(sample.1)".replacing(/_bucket$|_sum$|_count$/, with: "")
      let name = served.contains { $0.name == "\(sample.1)" } ? "\(sample.1)" : family
      labels[name, default: []].formUnion("\(sample.2)".matches(of: /(\w+)="/).map { "\($0.1)" })
    }
    #expect(labels.count > 10)
    for row in rows {
      let known = Set("\(row.3)".matches(of: /`(\w+)`/).map { "\($0.1)" })
      let seen = labels["\(row.1)", default: []].subtracting(["le"])
      // This service has refused nobody, and has no limits for alarms.
      let mayLack = ["copur_access_refused_total", "copur_http2_refused_total", "copur_alarm"].contains("\(row.1)")
      #expect(known == seen || mayLack && seen.isSubset(of: known), "\(row.1): \(seen.sorted())")
    }
  }
}
