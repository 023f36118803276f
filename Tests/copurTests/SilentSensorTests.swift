import CopurNumerics
import Foundation
import Testing

extension ProcessTests {
  /// Sensors that have no reading of some rows.
  struct SilentSensorTests {
    private static let rows = (train: 120, test: 30)
    private let folder: TestFolder
    private let scenario: String

    init() throws {
      folder = try TestFolder()
      var generator = SeededGenerator(seed: 4)
      var lines = ["a.x,a.y,b.x,b.y,c.x,c.y,label"]
      for row in 0..<Self.rows.train + Self.rows.test {
        let hidden = generator.normal()
        var cells = (0..<6).map { String(Float(hidden * (1 + 0.2 * Double($0)) + 0.3 * generator.normal())) }
        if row % 3 == 0 { (cells[2], cells[3]) = ("", "nan") }
        if row % 4 == 0 { (cells[4], cells[5]) = ("", "") }
        // One reading of two is one.
        if row % 5 == 0 { cells[0] = "" }
        // Of a row nobody says anything.
        if row == 140 { cells = [String](repeating: "", count: 6) }
        lines.append((cells + [hidden > 0 ? "high" : "low"]).joined(separator: ","))
      }
      let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "sensors.csv")
      // The deadline is longer than the test may take: no round waits for a sensor that is silent.
      scenario = try folder.write(
        """
        name: silent-sensors
        dataset:
          kind: csv
          file: \(file)
          label: label
          classes: [low, high]
          train_rows: \(Self.rows.train)
          agents: { a: ["a.*"], b: ["b.*"], c: ["c.*"] }
        training: { embedding: 4, epochs: 5, hidden: 8, fusion: { epochs: 5 } }
        manifold: { kind: linear, code: 1 }
        defenses: [unsecured, copur, { kind: randomized-ablation, keep: 2 }]
        attacks:
          - { name: clean }
          - { name: flip, kind: feature-flipping, agents: [b], amplification: 10 }
          - { name: old, kind: replay, agents: [b, c] }
          - { name: knows, kind: adaptive-pgd, goal: untargeted, agents: [c], iterations: 3, restarts: 1 }
        rounds: { deadline: 5m, quorum: 1 }
        """, to: "silent.yaml")
    }

    @Test("The same over the network, without waiting for who has nothing to say", .timeLimit(.minutes(1)))
    func sameByteByByte() async throws {
      var predictions: [[String]] = []
      for (out, mode) in [("network", []), ("local", ["--in-process"])] {
        let finished = try await run(
          Programs.copur(),
          ["run", scenario, "--predictions", "--cache", folder.path("cache"), "--out", folder.path(out)] + mode)
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1])
      #expect(predictions[0].count == 1 + 4 * 3 * Self.rows.test)
      // Nobody has a reading of test row 20, so there is no verdict on it.
      #expect(predictions[0].filter { $0.contains(",20,") }.allSatisfy { $0.hasSuffix(",") })
    }
  }
}
