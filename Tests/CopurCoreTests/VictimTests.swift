import CopurCore
import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Victims, and the regions that a gate accepts")
struct VictimTests {
  @Test("the model's losses are −log p, and its gradients those of the losses")
  func model() {
    var generator = SeededGenerator(seed: 1)
    let layout = BlockLayout(widths: [3, 2])
    for classes in [2, 4] {
      let model = FusionModel(
        network: DenseNetwork(
          widths: [5, 6, classes == 2 ? 1 : classes], hidden: .leakyReLU(slope: 0.5), using: &generator),
        classes: classes)
      let observation = Observation(layout: layout, embeddings: generator.normalMatrix(rows: 6, columns: 5))
      let labels = (0..<6).map { $0 % classes }
      let result = model.lossGradient(observation, labels: labels, seeds: [])
      let decisions = model.decide(observation)
      for sample in 0..<6 {
        let probability = Double(decisions[sample].probabilities[labels[sample]])
        #expect(abs(Double(exp(-result.losses[sample])) - probability) < 1e-5)
      }
      let whole = model.lossGradient(observation.embeddings, labels: labels)
      #expect(whole.gradient == result.gradient)
      #expect(abs(whole.loss - result.losses.reduce(0, +) / 6) < 1e-5)
    }
  }

  @Test("the gradient through D(E(h)) is that of finite differences, for each kind of manifold")
  func projection() throws {
    var generator = SeededGenerator(seed: 2)
    let layout = BlockLayout(widths: [3, 3])
    let manifolds: [any Manifold] = [
      try LinearManifold(fitting: generator.normalMatrix(rows: 30, columns: 6), layout: layout, dimension: 2),
      AutoencoderManifold(
        layout: layout, encoder: DenseNetwork(widths: [6, 5, 2], hidden: .leakyReLU(slope: 0.7), using: &generator),
        decoder: DenseNetwork(widths: [2, 5, 6], hidden: .leakyReLU(slope: 0.7), using: &generator),
        centralCode: [0, 0], blockScale: 1),
      NetworkManifold(
        layout: layout, encoder: try Network(Architecture(widths: [6, 2], hidden: .identity), using: &generator),
        decoder: try Network(
          Architecture(
            inputWidth: 2,
            layers: [.init("bend", ActivationSpecification(.tanh)), .init("out", DenseSpecification(outputs: 6))]),
          using: &generator), centralCode: [0, 0], blockScale: 1),
    ]
    let embeddings = generator.normalMatrix(rows: 1, columns: 6)
    let weights = generator.normalMatrix(rows: 1, columns: 6)
    for manifold in manifolds {
      let gradient = manifold.projectionGradient(weights, at: embeddings)
      for column in 0..<6 {
        func value(_ shift: Float) -> Float {
          var moved = embeddings
          moved[0, column] += shift
          return zip(manifold.project(moved).values, weights.values).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs((value(1e-2) - value(-1e-2)) / 2e-2 - gradient[0, column]) < 1e-3)
      }
    }
  }

  @Test("a randomized victim's draws are averaged, each with a seed of its own; another one is asked once")
  func draws() {
    struct Drawn: Victim {
      let classes = 2
      let isRandomized: Bool
      func decide(_ observation: Observation) -> [Decision] { [] }
      func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
        LossGradient(losses: seeds.map(Float.init), gradient: Matrix(seeds.map { [Float($0), 1] }))
      }
    }
    let observation = Observation(layout: BlockLayout(widths: [2]), embeddings: Matrix(rows: 2, columns: 2))
    let mean = Drawn(isRandomized: true).expectedLossGradient(observation, labels: [0, 1], draws: 3, seeds: [10, 20])
    #expect(mean.losses == [11, 21] && mean.gradient == Matrix([[11, 1], [21, 1]]))
    let one = Drawn(isRandomized: false).expectedLossGradient(observation, labels: [0, 1], draws: 3, seeds: [10, 20])
    #expect(one.losses == [10, 20])
  }

  /// Long in one direction, short in another, and with a third one that clean embeddings do not have.
  private let profile = EmbeddingProfile(
    centre: [1, 2, 0], axes: Matrix([[1, 0, 0], [0, 1, 0]]), scales: [4, 0.1], units: [12, 2, 0.5])

  @Test("a block outside is brought into the region, one inside stays", arguments: [UInt64](0..<20))
  func nearby(seed: UInt64) {
    let region = AcceptedRegion(profile: profile, limit: 1.1)
    var generator = SeededGenerator(seed: seed)
    let scale: Float = seed % 2 == 0 ? 3 : 1e30
    let block = generator.normalMatrix(rows: 1, columns: 3, standardDeviation: scale).values
    let inside = region.nearby(block[...])
    #expect(!region.contains(block[...]) && region.contains(inside[...]))
    #expect(region.nearby(inside[...]) == inside)
    // As far as it may go: a little further out and it is outside.
    let further = zip(inside, profile.centre).map { $1 + 1.001 * ($0 - $1) }
    #expect(!region.contains(further[...]))
  }

  @Test("steps in the region's metric go where it is long")
  func metric() {
    let steps = AcceptedRegion(profile: profile, limit: 1).preconditioned([1, 1, 1])
    #expect(zip(steps, [64, 0.04, 0.25] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("a region whose centre is too long for it gives the centre")
  func nowhere() {
    let region = AcceptedRegion(profile: profile, limit: 0.1)
    #expect(region.nearby([50, 50, 50]) == profile.centre)
  }
}
