import CopurCore
import CopurDatasets
import CopurNumerics
import CopurReports
import CopurScenarios
import Foundation

/// A folder with images in MNIST's format, each class with a pattern of its own, and what a run needs besides them.
final class SyntheticImages {
  let folder: URL
  static let testRows = 60

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "mnist"), withIntermediateDirectories: true)
    try write(200, to: "train", seed: 1)
    try write(Self.testRows, to: "t10k", seed: 2)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ count: Int, to name: String, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed, purpose: "images")
    var images = Self.header([count, 28, 28])
    var labels = Self.header([count])
    for row in 0..<count {
      let label = row * 7 % 10
      labels.append(UInt8(label))
      images += (0..<784).map { pixel in
        let clean = 128 + 60 * sin(Double((label + 1) * pixel) * 0.37)
        return UInt8(min(255, max(0, clean + 15 * generator.normal())))
      }
    }
    let mnist = folder.appending(path: "mnist")
    try Data(images).write(to: mnist.appending(path: "\(name)-images-idx3-ubyte"))
    try Data(labels).write(to: mnist.appending(path: "\(name)-labels-idx1-ubyte"))
  }

  private static func header(_ dimensions: [Int]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)]
      + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  }

  static let attacks = [
    "{ name: clean }",
    "{ name: flip, kind: feature-flipping, agents: [top-left], amplification: 10 }",
    "{ name: to 3, kind: pgd, goal: targeted, target: 3, agents: [top-left], step: 5, iterations: 20 }",
    "{ name: away, kind: pgd, goal: untargeted, agents: [top-left], step: 1, iterations: 10 }",
    "{ name: silence, kind: missing, agents: [top-left, top-right] }",
  ]

  /// A scenario on these images.
  func scenario(
    seeds: [Int] = [0], quorum: Int = 1, attacks: [String] = SyntheticImages.attacks
  ) throws -> Scenario {
    let text = """
      name: synthetic
      dataset: { kind: mnist }
      training: { embedding: 16, epochs: 10, learning_rate: 0.05, hidden: 16, fusion: { epochs: 10, learning_rate: 0.05 } }
      manifold: { kind: linear, code: 6 }
      attacks:
      \(attacks.map { "  - \($0)" }.joined(separator: "\n"))
      rounds: { quorum: \(quorum) }
      seeds: \(seeds)
      """
    return try Scenario(parsing: ScenarioDocument(text: text, file: "synthetic.yaml"))
  }

  /// Options for a run in this process.
  func options(output: String? = nil) -> RunOptions {
    RunOptions(
      mode: .inProcess, data: DataDirectory(roots: [folder.path]), output: output.map { folder.appending(path: $0) },
      writesPredictions: output != nil, cache: BundleCache(folder: folder.appending(path: "cache")),
      executable: "/nonexistent")
  }
}
