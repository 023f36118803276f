import Foundation
import Testing

struct GrafanaTests {
  @Test("Every metric that the Grafana dashboard uses is one that the service has")
  func metrics() async throws {
    struct Dashboard: Decodable {
      struct Panel: Decodable {
        struct Target: Decodable { var expr: String }
        var title: String
        var targets: [Target]
      }
      var panels: [Panel]
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../Deploy/grafana/copur.json")
    let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
    let text = try await withPlane { url, _ in try await get("metrics", of: url).body }
    var families: [String: String] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
      let words = line.split(separator: " ")
      families[String(words[2])] = String(words[3])
    }
    #expect(families.count > 25)
    var used: Set<String> = []
    for panel in dashboard.panels {
      #expect(!panel.targets.isEmpty, "\(panel.title)")
      for target in panel.targets {
        let names = target.expr.matches(of: /\b(copur|nv|process)_[a-z0-9_]+/).map { String($0.output.0) }
        #expect(!names.isEmpty, "\(target.expr)")
        for name in names {
          let family = name.hasSuffix("_bucket") ? String(name.dropLast("_bucket".count)) : name
          #expect(families[family] != nil, "\(panel.title): \(name)")
          #expect((families[family] == "histogram") == name.hasSuffix("_bucket"), "\(panel.title): \(name)")
          used.insert(family)
        }
      }
    }
    #expect(used.count > 20)
  }
}
