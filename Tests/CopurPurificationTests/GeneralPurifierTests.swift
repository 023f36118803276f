import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// A manifold that says no more of itself than that it is differentiable.
private struct Differentiable: Manifold {
  let manifold: any Manifold

  init(_ manifold: any Manifold) { self.manifold = manifold }

  var layout: BlockLayout { manifold.layout }
  var codeWidth: Int { manifold.codeWidth }
  var centralCode: [Float] { manifold.centralCode }
  var blockScale: Float { manifold.blockScale }
  func encode(_ embeddings: Matrix) -> Matrix { manifold.encode(embeddings) }
  func decode(_ codes: Matrix) -> Matrix { manifold.decode(codes) }
  func decodeWithPullback(_ codes: Matrix) -> (embeddings: Matrix, pullback: (Matrix) -> Matrix) {
    manifold.decodeWithPullback(codes)
  }
  func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix {
    manifold.projectionGradient(gradient, at: embeddings)
  }
}

@Suite("Purifier on any differentiable manifold")
struct GeneralPurifierTests {
  private static let widths = [8, 5, 8, 6, 8, 7]

  /// A manifold of tanh units that bends within the codes of standard normal size.
  private func bent(code: Int, seed: UInt64) throws -> NetworkManifold {
    var generator = SeededGenerator(seed: seed)
    let layout = BlockLayout(widths: Self.widths)
    let width = layout.totalWidth
    let decoder = try Architecture(
      inputWidth: code,
      layers: [
        .init("0", DenseSpecification(outputs: 16)), .init("bend", ActivationSpecification(.tanh)),
        .init("1", DenseSpecification(outputs: width)),
      ])
    return NetworkManifold(
      layout: layout, encoder: try Network(Architecture(widths: [width, code], hidden: .identity), using: &generator),
      decoder: try Network(decoder, using: &generator), centralCode: [Float](repeating: 0, count: code), blockScale: 1)
  }

  /// Samples with noise, one block of each corrupted, some missing.
  private func observation(near truth: Matrix, layout: BlockLayout, noise: Float, seed: UInt64) -> Observation {
    var generator = SeededGenerator(seed: seed)
    var received = truth
    received.add(
      generator.normalMatrix(rows: truth.rows, columns: truth.columns, standardDeviation: noise))
    var observation = Observation(layout: layout, embeddings: received)
    for sample in 0..<truth.rows {
      let liar = sample % layout.count
      observation.set(block: liar, of: sample, to: layout[liar].map { -10 * truth[sample, $0] })
      if sample % 2 == 0 { observation.withhold(block: (liar + 2) % layout.count, of: sample) }
    }
    return observation
  }

  @Test("it finds the minimum of an affine manifold", arguments: [1, 2, 5], [UInt64](0..<4))
  func affine(code: Int, seed: UInt64) throws {
    let problem = try SyntheticManifold(widths: Self.widths, dimension: code, samples: 12, seed: seed)
    let observation = observation(near: problem.truth, layout: problem.layout, noise: 0.5, seed: seed)
    let exact = Purifier(manifold: problem.manifold).purify(observation)
    let general = Purifier(manifold: Differentiable(problem.manifold)).purify(observation)
    for (best, report) in zip(exact.reports, general.reports) {
      #expect(report.objective <= best.objective * 1.001 && report.converged, "\(report.status) \(report.stationarity)")
    }
    for (a, b) in zip(exact.embeddings.values, general.embeddings.values) { #expect(abs(a - b) < 0.01) }
  }

  @Test("it recovers exactly what an affine solver does, however far the liar is off")
  func farBlocks() throws {
    let problem = try SyntheticManifold(widths: Self.widths, dimension: 3, samples: 3, seed: 1)
    for size in [Float(10), 1e6, 1e12, 1e18] {
      var observation = Observation(layout: problem.layout, embeddings: problem.truth)
      for sample in 0..<3 {
        observation.set(block: 2, of: sample, to: problem.layout[2].map { -size * problem.truth[sample, $0] })
      }
      let purification = Purifier(manifold: Differentiable(problem.manifold)).purify(observation)
      for sample in 0..<3 {
        #expect(purification.reports[sample].converged, "\(size): \(purification.reports[sample])")
        #expect(problem.relativeError(purification.embeddings, sample: sample) < 1e-3, "\(size)")
      }
    }
  }

  @Test("it finds no worse a minimum than the piecewise solver", arguments: [1, 2, 5], [UInt64](0..<4))
  func piecewise(code: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let layout = BlockLayout(widths: Self.widths)
    let width = layout.totalWidth
    let manifold = AutoencoderManifold(
      layout: layout, encoder: DenseNetwork(widths: [width, 12, code], hidden: .identity, using: &generator),
      decoder: DenseNetwork(widths: [code, 24, width], hidden: .leakyReLU(slope: 0.8), using: &generator),
      centralCode: [Float](repeating: 0, count: code), blockScale: 1)
    let truth = manifold.decode(generator.normalMatrix(rows: 12, columns: code))
    let observation = observation(near: truth, layout: layout, noise: 0.1, seed: seed)
    let exact = Purifier(manifold: manifold).purify(observation)
    let general = Purifier(manifold: Differentiable(manifold)).purify(observation)
    for (best, report) in zip(exact.reports, general.reports) {
      #expect(report.objective <= best.objective * 1.001, "\(report.status) \(report.stationarity)")
    }
  }

  @Test("codes behind tanh units are found again with one block of six corrupted", arguments: [1, 3], [UInt64](0..<6))
  func recovery(code: Int, seed: UInt64) throws {
    let manifold = try bent(code: code, seed: seed)
    var generator = SeededGenerator(seed: seed + 100)
    let codes = generator.normalMatrix(rows: 12, columns: code)
    let observation = observation(near: manifold.decode(codes), layout: manifold.layout, noise: 0, seed: seed)
    let purification = Purifier(manifold: manifold).purify(observation)
    for sample in 0..<12 {
      #expect(purification.reports[sample].converged, "\(purification.reports[sample])")
      for index in 0..<code { #expect(abs(purification.codes[sample, index] - codes[sample, index]) < 1e-3) }
    }
  }

  @Test("what a missing block holds has no effect, and a sample is solved alike in any batch")
  func alone() throws {
    let manifold = try bent(code: 3, seed: 4)
    var generator = SeededGenerator(seed: 8)
    let truth = manifold.decode(generator.normalMatrix(rows: 70, columns: 3))
    var (never, poisoned) = (Observation(layout: manifold.layout, samples: 70), truth)
    for sample in 0..<70 {
      for block in [0, 1, 3, 4, 5] {
        never.set(block: block, of: sample, to: manifold.layout[block].map { truth[sample, $0] + 0.1 })
        for column in manifold.layout[block] { poisoned[sample, column] += 0.1 }
      }
      for column in manifold.layout[2] { poisoned[sample, column] = .nan }
    }
    var withheld = Observation(layout: manifold.layout, embeddings: poisoned)
    withheld.withhold(block: 2)
    let purifier = Purifier(manifold: manifold)
    let together = purifier.purify(never)
    #expect(purifier.purify(withheld).embeddings == together.embeddings)
    for sample in [0, 31, 32, 69] {
      let alone = purifier.purify(never.selecting([sample]))
      #expect(alone.embeddings.values == Array(together.embeddings[row: sample]))
      #expect(alone.codes.values == Array(together.codes[row: sample]))
      #expect(alone.reports[0] == together.reports[sample])
    }
  }

  @Test("a sample that cannot be solved says why, gets the middle, and leaves its neighbours alone")
  func obstacles() throws {
    let manifold = try bent(code: 2, seed: 5)
    let truth = manifold.decode(Matrix([[1, -1], [0.5, 2], [0, 1]]))
    var observation = Observation(layout: manifold.layout, embeddings: truth)
    observation.set(block: 1, of: 1, to: [1, .nan, 2, 3, 4])
    for block in 0..<6 { observation.withhold(block: block, of: 2) }
    let purifier = Purifier(manifold: manifold)
    let purification = purifier.purify(observation)
    #expect(purification.reports.map(\.status) == [.converged, .notFinite, .unobserved])
    let middle = manifold.decode(Matrix([[0, 0]])).values
    for sample in [1, 2] { #expect(Array(purification.embeddings[row: sample]) == middle) }
    #expect(purifier.purify(observation.selecting([0])).embeddings.values == Array(purification.embeddings[row: 0]))
  }

  @Test("the smoothed objective never rises within a stage by more than Float's rounding", arguments: [UInt64](0..<4))
  func monotone(seed: UInt64) throws {
    let manifold = try bent(code: 3, seed: seed)
    var generator = SeededGenerator(seed: seed + 7)
    var settings = Purifier.Settings()
    settings.recordsObjective = true
    let received = generator.normalMatrix(rows: 6, columns: manifold.layout.totalWidth)
    let observation = Observation(layout: manifold.layout, embeddings: received)
    for report in Purifier(manifold: manifold, settings: settings).purify(observation).reports {
      #expect(!report.history.isEmpty)
      for (before, after) in zip(report.history, report.history.dropFirst()) {
        #expect(after <= before * (1 + 0x1p-21), "seed \(seed)")
      }
    }
  }

  @Test("the gradient through the solution is that of differences", arguments: [UInt64](0..<4))
  func gradient(seed: UInt64) throws {
    let manifold = try bent(code: 2, seed: seed)
    var generator = SeededGenerator(seed: seed + 30)
    var received = manifold.decode(generator.normalMatrix(rows: 1, columns: 2))
    received.add(generator.normalMatrix(rows: 1, columns: received.columns, standardDeviation: 0.3))
    let observation = Observation(layout: manifold.layout, embeddings: received)
    let weights = generator.normalMatrix(rows: 1, columns: received.columns)
    let purifier = Purifier(manifold: manifold)
    let gradient = purifier.gradient(weights, at: purifier.purify(observation), of: observation)
    for column in 0..<received.columns {
      let values = [Float(0.01), -0.01].map { shift in
        var moved = received
        moved[0, column] += shift
        let purified = purifier.purify(Observation(layout: manifold.layout, embeddings: moved)).embeddings
        return zip(purified.values, weights.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      }
      let slope = (values[0] - values[1]) / 0.02
      #expect(abs(Double(gradient[0, column]) - slope) < 0.01 + 0.03 * abs(slope), "column \(column)")
    }
  }

  @Test("the paper's schedule and the relaxed problem take a manifold of any kind to where they take dense layers")
  func otherSolvers() {
    var generator = SeededGenerator(seed: 3)
    let layout = BlockLayout(widths: Self.widths)
    let width = layout.totalWidth
    let embeddings = generator.normalMatrix(rows: 40, columns: width)
    let manifold = AutoencoderManifold(
      network: DenseNetwork(widths: [width, 20, 3, 20, width], hidden: .leakyReLU(slope: 0.8), using: &generator),
      layout: layout, embeddings: embeddings)
    var observation = Observation(layout: layout, embeddings: embeddings)
    observation.withhold(block: 4, of: 7)
    let dense = PaperSchedule(manifold: manifold).purify(observation)
    let general = PaperSchedule(manifold: Differentiable(manifold)).purify(observation)
    for (a, b) in zip(dense.embeddings.values, general.embeddings.values) { #expect(abs(a - b) < 1e-2) }
    let few = observation.selecting(Array(5..<9))
    let relaxed = RelaxedPurifier(manifold: manifold, constraint: .multiplier(3)).purify(few)
    let relaxedGeneral = RelaxedPurifier(manifold: Differentiable(manifold), constraint: .multiplier(3)).purify(few)
    for (a, b) in zip(relaxed.reports, relaxedGeneral.reports) {
      #expect(b.objective + 3 * b.distance <= (a.objective + 3 * a.distance) * 1.02)
    }
  }
}
