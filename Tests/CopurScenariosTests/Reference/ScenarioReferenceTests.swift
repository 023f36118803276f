import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
import CopurScenarios
import Foundation
import Testing

struct ScenarioReferenceTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test("The reference in the documentation and the schema are what the kinds say")
  func fresh() throws {
    let page = Self.package.appending(path: "Sources/CopurCore/Docs.docc/ScenarioReference.md")
    #expect(try String(contentsOf: page, encoding: .utf8) == ScenarioReference().markdown)
    let schema = Self.package.appending(path: "Protocols/scenario.schema.json")
    #expect(try String(contentsOf: schema, encoding: .utf8) == ScenarioReference().schema)
  }

  @Test("Every kind and every key has a line")
  func complete() {
    let page = ScenarioReference().markdown
    for name in KindRegistry.datasets.names + KindRegistry.defenses.names + KindRegistry.attacks.names {
      #expect(page.contains("\n### \(name)\n"), "\(name)")
    }
    for entry in KindRegistry.attacks.entries {
      for setting in entry.settings { #expect(page.contains("| `\(setting.key)` |") && !setting.summary.isEmpty) }
    }
  }

  @Test("A kind is registered once")
  func twice() {
    let registry = KindRegistry<any AttackKind>(of: "an attack", [Replay.entry])
    let error = #expect(throws: CopurError.self) { try registry.register(Replay.entry) }
    #expect(error?.message.contains("replay") == true && registry.names == ["replay"])
  }
}
