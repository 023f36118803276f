import Foundation
import Testing

struct AlertRulesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Deploy")

  @Test("Every metric that an alert uses is one that the service has, and each alert has a runbook")
  func metrics() async throws {
    let rules = try String(
      contentsOf: Self.folder.appending(path: "prometheus/copur.rules.yml"), encoding: .utf8)
    let text = try await withPlane { url, _ in try await get("metrics", of: url).body }
    var families: [String: String] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
      let words = line.split(separator: " ")
      families[String(words[2])] = String(words[3])
    }
    let alerts = rules.components(separatedBy: "- alert: ").dropFirst()
    #expect(alerts.count > 15)
    for alert in alerts {
      let name = alert.prefix { $0 != "\n" }
      #expect(alert.contains("runbook: ") && alert.contains("severity: "), "\(name)")
      // A runbook may name metrics, too.
      let used = alert.matches(of: /\b(copur|nv)_[a-z0-9_]+/).map { String($0.output.0) }
      #expect(!used.isEmpty || name == "CopurDown", "\(name)")
      for metric in used {
        let family = metric.hasSuffix("_bucket") ? String(metric.dropLast("_bucket".count)) : metric
        #expect(families[family] != nil, "\(name): \(metric)")
        if metric.hasSuffix("_total") { #expect(families[family] == "counter", "\(name): \(metric)") }
        if metric.hasSuffix("_bucket") { #expect(families[family] == "histogram", "\(name): \(metric)") }
      }
    }
  }

  @Test("The page on alerts has each of them")
  func page() throws {
    let rules = try String(
      contentsOf: Self.folder.appending(path: "prometheus/copur.rules.yml"), encoding: .utf8)
    let page = try String(
      contentsOf: Self.folder.appending(path: "../Sources/CopurDeploy/Docs.docc/Alerts.md"), encoding: .utf8)
    for match in rules.matches(of: /- alert: (\w+)/) { #expect(page.contains("| `\(match.1)` |"), "\(match.1)") }
  }
}
