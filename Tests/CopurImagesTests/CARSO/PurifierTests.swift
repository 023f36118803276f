import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Testing

@Suite("Purifier")
struct PurifierTests {
  @Test("gradients of the loss through all networks are those of central differences", arguments: [Float(1), 0])
  func gradients(divergenceWeight: Float) throws {
    let rows = SmallPictures.rows(6, seed: 1)
    let (classifier, untrained) = try SmallPictures.untrained(seed: 4, pictures: rows.features)
    var purifier = untrained
    var generator = SeededGenerator(seed: 5)
    // Shifts and scales of batch normalisations are 0 and 1 at first, which would hide a fault of theirs.
    for index in purifier.networks.indices {
      let architecture = purifier.networks[index].architecture
      var values = purifier.networks[index].parameters
      for place in values.indices {
        for element in values[place].indices { values[place][element] += generator.uniform(-0.05, 0.05) }
      }
      var next = 0
      purifier.networks[index] = try Network(architecture) { name, _ in
        defer { next += 1 }
        return name.hasSuffix("variance") ? values[next].map { abs($0) } : values[next]
      }
    }
    var seen = rows.features
    for index in seen.values.indices { seen.values[index] = min(seen.values[index] + generator.uniform(0, 0.1), 1) }
    let outputs = classifier.network.trace(seen).outputs
    func evaluate(_ purifier: Purifier) -> (losses: Purifier.Losses, gradients: [[[Float]]]) {
      purifier.lossGradient(
        clean: rows.features, seen: seen, outputs: outputs, divergenceWeight: divergenceWeight, seed: 9)
    }
    func value(_ purifier: Purifier) -> Double {
      let losses = evaluate(purifier).losses
      return losses.reconstruction + Double(divergenceWeight) * losses.divergence
    }
    let gradients = evaluate(purifier).gradients
    var compared = 0
    for index in purifier.networks.indices {
      let network = purifier.networks[index]
      let names = network.namedParameters.map(\.name)
      for (place, name) in names.enumerated() where !name.hasSuffix("-norm.mean") && !name.hasSuffix("-norm.variance") {
        let gradient = gradients[index][place]
        // Along the gradient's signs, where the slope is largest, and along random ones.
        for direction in [
          gradient.map { $0 < 0 ? Float(-1) : 1 }, gradient.map { _ in generator.next() & 1 == 0 ? Float(1) : -1 },
        ] {
          func moved(_ step: Float) throws -> Double {
            var next = 0
            var changed = purifier
            changed.networks[index] = try Network(network.architecture) { _, _ in
              defer { next += 1 }
              let values = network.parameters[next]
              return next == place ? zip(values, direction).map { $0 + step * $1 } : values
            }
            return value(changed)
          }
          // Small, since every unit of every picture has a kink; single precision leaves an error of some thousandths.
          let step: Float = 1e-4
          let numeric = (try moved(step) - moved(-step)) / Double(2 * step)
          let analytic = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0 * $1.1) }
          #expect(
            abs(analytic - numeric) < 0.015 + 0.02 * abs(numeric),
            "network \(index), \(name): \(analytic), by differences \(numeric)")
        }
        compared += 1
      }
    }
    #expect(compared > 25)
  }

  @Test("the divergence and the reconstruction are the formulas'")
  func losses() throws {
    let rows = SmallPictures.rows(4, seed: 1)
    let (classifier, purifier) = try SmallPictures.untrained(seed: 4, pictures: rows.features)
    let losses = purifier.losses(on: rows.features, classifier: classifier, seed: 1)
    #expect(losses.divergence > 0 && losses.divergence.isFinite)
    // Log-odds near 0 cost log 2 a value.
    #expect(losses.reconstruction > 20 && losses.reconstruction < 200)
    // With heads of 0 the code is standard normal, and says nothing.
    var silent = purifier
    let joint = silent.networks.count - 2
    silent.networks[joint] = try Network(silent.networks[joint].architecture) { name, shape in
      [Float](repeating: name.hasSuffix("variance") ? 1 : 0, count: shape.reduce(1, *))
    }
    #expect(silent.losses(on: rows.features, classifier: classifier, seed: 1).divergence == 0)
  }

  @Test("rate and β follow the proportions of table 14")
  func schedule() {
    let training = PurifierTraining(learningRate: 0.064)
    func near(_ a: Float, _ b: Float) -> Bool { abs(a - b) < 1e-5 * max(abs(b), 1e-3) }
    #expect(near(training.learningRate(at: 0), 5e-9))
    #expect(near(training.learningRate(at: 0.0625), 0.032))
    #expect(training.learningRate(at: 0.125) == 0.064 && training.learningRate(at: 0.2) == 0.064)
    #expect(near(training.learningRate(at: 1), 4.346e-4))
    #expect(near(training.learningRate(at: 0.625), (0.064 + 4.346e-4) / 2))
    #expect(training.divergenceWeight(at: 0.12) == 0 && training.divergenceWeight(at: 0.18) == 1)
    #expect(abs(training.divergenceWeight(at: 29.5 / 200) - 0.5) < 1e-6)
  }

  @Test("a training reconstructs the clean picture better, and follows from its seed")
  func training() throws {
    let rows = SmallPictures.rows(96, seed: 1)
    let (classifier, untrained) = try SmallPictures.untrained(seed: 4, pictures: rows.features)
    let training = PurifierTraining(epochs: 8, batch: 16, learningRate: 0.02, attackSteps: 2)
    var told: [Purifier.Losses] = []
    let trained = try training.train(untrained, for: classifier, on: rows, radius: 0.1, seed: 3) { epoch, losses in
      #expect(epoch == told.count + 1)
      told.append(losses)
    }
    #expect(told.count == 8 && told[7].reconstruction < told[0].reconstruction - 3, "\(told)")
    let test = SmallPictures.rows(24, seed: 2)
    let (before, after) = (
      untrained.losses(on: test.features, classifier: classifier, seed: 1),
      trained.losses(on: test.features, classifier: classifier, seed: 1)
    )
    #expect(after.reconstruction < before.reconstruction - 3, "\(before), \(after)")
    let again = try training.train(untrained, for: classifier, on: rows, radius: 0.1, seed: 3)
    #expect(again.networks == trained.networks)
  }

  @Test("settings that cannot be are errors that say the rule")
  func errors() throws {
    let rows = SmallPictures.rows(8, seed: 1)
    let (classifier, purifier) = try SmallPictures.untrained(seed: 4, pictures: rows.features)
    var training = PurifierTraining()
    training.attackedShare = 1.5
    let error = #expect(throws: CopurError.self) {
      _ = try training.train(purifier, for: classifier, on: rows, radius: 0.1, seed: 0)
    }
    #expect(error?.description.contains("1.5") == true)
    var generator = SeededGenerator(seed: 0)
    #expect(throws: ArchitectureError.self) {
      _ = try Purifier(for: classifier, layers: [4], pictures: rows.features, using: &generator)
    }
    #expect(throws: ArchitectureError.self) {
      _ = try Purifier(
        for: classifier, widths: Purifier.Widths(decoderChannels: [4, 4, 4, 4]), pictures: rows.features,
        using: &generator)
    }
  }
}
