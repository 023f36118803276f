import CopurCore
import CopurReports
import Foundation
import Testing

/// The table of a sweep, of two axes and many defences.
final class SweepTableTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static let defenses = ["unsecured", "manifold-projection", "randomized-ablation", "copur", "agent-vote"]

  private func table() throws -> SweepTable {
    var sample = SampleRun()
    for (index, defense) in Self.defenses.enumerated() {
      sample.add(defense, "clean", accuracies: [0.8 + Double(index) / 100])
      sample.add(
        defense, "flip", kinds: ["feature-flipping"], compromised: ["a"], accuracies: [0.3 + Double(index) / 100])
    }
    var record = SweepRecord(
      copurVersion: "1.2.3", machine: sample.record.machine, scenario: "sample", scenarioText: "", mode: .inProcess,
      seeds: [0],
      axes: [
        .init(key: "training.embedding", label: "embedding", values: ["8", "16"]),
        .init(key: "attacks.flip.amplification", label: "amplification", values: ["1"]),
      ],
      points: ["8", "16"].map { .init(name: "embedding=\($0)", values: [$0, "1"], seeds: [0]) })
    for index in record.points.indices {
      record.points[index].isFinished = true
      let run = try RunFolder(opening: folder.appending(path: "points/\(record.points[index].name)"))
      for row in sample.rows { try run.add(row, nil) }
      try sample.record.write(to: run.url)
    }
    return SweepTable(try SweepReport(record, in: folder))
  }

  @Test("A row a point, its values in front, the worst and the clean accuracy of each defence")
  func wide() throws {
    let lines = try table().rendered(isTerminal: false).split(separator: "\n")
    #expect(lines[0] == "sample: 2 of 2 points, in-process, seed 0")
    #expect(lines[2].split(separator: " ").prefix(4) == ["embedding", "amplification", "worst", "clean"])
    #expect(lines[4].split(separator: " ").prefix(6) == ["8", "1", "30.0", "80.0", "31.0", "81.0"])
    #expect(lines[5].split(separator: " ").prefix(3) == ["16", "1", "30.0"])
  }

  @Test("Folded, no line is longer than it may be, and every part has the points' values")
  func folded() throws {
    let table = try table()
    let wide = table.rendered(isTerminal: false)
    #expect(table.rendered(isTerminal: false, width: 400) == wide)
    for width in [80, 60] {
      let folded = table.rendered(isTerminal: false, width: width)
      let lines = folded.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.allSatisfy { $0.count <= width }, "\(folded)")
      #expect(lines.count { $0.contains("amplification") } > 1)
      for number in wide.matches(of: /[0-9]+\.[0-9]/).map({ String($0.0) }) { #expect(folded.contains(number)) }
      for defense in Self.defenses { #expect(folded.contains(defense)) }
    }
  }
}
