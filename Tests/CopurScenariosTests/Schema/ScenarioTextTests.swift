import CopurCore
import CopurDatasets
import CopurScenarios
import Foundation
import Testing

/// Scenario files as other systems and people write them.
struct ScenarioTextTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")

  private func load(_ bytes: Data) throws -> Scenario {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "s.yaml")
    try bytes.write(to: file)
    return try Scenario.load(file.path, data: DataDirectory(explicit: folder.path, environment: [:]))
  }

  private func scenario(_ attacks: String) -> String {
    """
    name: text
    dataset: { kind: fashion-mnist, train_rows: 100, test_rows: 20 }
    attacks:
    \(attacks)
    """
  }

  @Test("A byte order mark and CR LF are no part of the text; UTF-16 is refused by name")
  func marks() throws {
    let text = scenario("  - { name: clean }")
    #expect(try load(Data("\u{FEFF}\(text)".utf8)).name == "text")
    #expect(try load(Data(text.replacing("\n", with: "\r\n").utf8)).attacks.count == 1)
    let error = #expect(throws: CopurError.self) {
      try load(Data([0xFF, 0xFE]) + Data(text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }))
    }
    #expect(error?.message.contains("UTF-16") == true)
  }

  @Test("A merge key stands for the keys that it names; what is given beside it counts for more")
  func merge() throws {
    let found = try load(
      Data(
        scenario(
          """
            - &flip { name: flip, kind: feature-flipping, agents: [top-left], amplification: 10 }
            - { <<: *flip, name: stronger, amplification: 20 }
            - { <<: [{ agents: [top-right] }, *flip], name: other }
          """
        ).utf8))
    #expect(found.attacks.map(\.name) == ["flip", "stronger", "other"])
    #expect(found.attacks.map(\.amplification) == [10, 20, 10])
    #expect(found.attacks.map { $0.compromised.map(\.name) } == [["top-left"], ["top-left"], ["top-right"]])
    let error = #expect(throws: CopurError.self) { try load(Data(scenario("  - { <<: 3, name: x }").utf8)) }
    #expect(error?.message.contains("what a merge key names: a mapping") == true, "\(error!)")
    // Quoted, it is a key like any other, and unknown.
    #expect(throws: CopurError.self) { try load(Data(scenario("  - { \"<<\": {}, name: x }").utf8)) }
  }
}
