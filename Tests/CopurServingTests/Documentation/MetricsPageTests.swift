import Foundation
import Testing

/// The references of metrics have each metric that the services have, as they describe it.
struct MetricsPageTests {
  private static let pages = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/CopurServing/Docs.docc")

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
    // This service has refused nobody, and has neither limits for alarms nor a collector.
    try compare(
      text, with: "Metrics.md", count: 40,
      mayLack: ["copur_access_refused_total", "copur_http2_refused_total", "copur_alarm", "copur_spans_total"])
  }

  @Test("Every metric of a training is that of the page")
  func trainingMetrics() async throws {
    let text = try await withTrainingPlane { url in
      _ = try await get("metrics", of: url)
      return try await get("metrics", of: url).body
    }
    // Nobody has answered yet, and no joint training has begun.
    try compare(
      text, with: "TrainingMetrics.md", count: 18,
      mayLack: [
        "copur_access_refused_total", "copur_training_answer_seconds", "copur_training_epochs",
        "copur_training_epochs_over", "copur_training_loss",
      ])
    #expect(text.contains("\ncopur_ready 0\n") && text.contains("copur_agent_up{agent=\"one\"} 0\n"))
  }

  /// - Parameter mayLack: Metrics of which there is no sample, and therefore no label.
  private func compare(_ text: String, with page: String, count: Int, mayLack: Set<String>) throws {
    let served = text.matches(of: /# HELP (\w+) ([^\n]+)\n# TYPE \w+ (\w+)\n/).map {
      Metric(name: "\($0.1)", type: "\($0.3)", help: "\($0.2)")
    }
    let rows = try String(contentsOf: Self.pages.appending(path: page), encoding: .utf8)
      .matches(of: /\n\| `(\w+)` \| (counter|gauge|histogram) \| ([^|]*)\| ([^|]+) \|/)
    let listed = rows.map { Metric(name: "\($0.1)", type: "\($0.2)", help: "\($0.4)") }
    #expect(served.count > count && listed == served)

    var labels: [String: Set<String>] = [:]
    for sample in text.matches(of: #/\n(\w+)\{([^\n]*)\}\ /#) {
      let family = "\(sample.1)".replacing(/_bucket$|_sum$|_count$/, with: "")
      let name = served.contains { $0.name == "\(sample.1)" } ? "\(sample.1)" : family
      labels[name, default: []].formUnion("\(sample.2)".matches(of: /(\w+)="/).map { "\($0.1)" })
    }
    #expect(labels.count > 5)
    for row in rows {
      let known = Set("\(row.3)".matches(of: /`(\w+)`/).map { "\($0.1)" })
      let seen = labels["\(row.1)", default: []].subtracting(["le"])
      #expect(known == seen || mayLack.contains("\(row.1)") && seen.isSubset(of: known), "\(row.1): \(seen.sorted())")
    }
  }
}
