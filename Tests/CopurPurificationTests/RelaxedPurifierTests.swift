import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Purifier near the manifold (Eq. 6)")
struct RelaxedPurifierTests {
  private static let layout = BlockLayout(widths: [6, 3, 8, 5, 6])
  private static let width = 28

  /// A subspace with orthonormal directions, so that D∘E is the orthogonal projection, and noisy samples with a liar.
  private func problem(seed: UInt64) throws -> (manifold: LinearManifold, observation: Observation) {
    var generator = SeededGenerator(seed: seed)
    let directions = generator.normalMatrix(rows: 3, columns: Self.width)
    let clean = Matrix.product(generator.normalMatrix(rows: 60, columns: 3), directions)
    let manifold = try LinearManifold(fitting: clean, layout: Self.layout, dimension: 3)
    var received = clean.selecting(rows: 0..<4)
    received.add(generator.normalMatrix(rows: 4, columns: Self.width, standardDeviation: 0.3))
    var observation = Observation(layout: Self.layout, embeddings: received)
    observation.set(block: 1, of: 0, to: [9, -9, 9])
    return (manifold, observation)
  }

  private func blockNorms(_ values: [Double]) -> [Double] {
    (0..<Self.layout.count).map { block in
      Self.layout[block].reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
    }
  }

  /// l ↦ D(E(l)) − l without its offset, which is symmetric here.
  private func gapMap(_ manifold: LinearManifold, _ vector: [Double]) -> [Double] {
    let shares = (0..<3).map { row in
      (0..<Self.width).reduce(0.0) { $0 + Double(manifold.directions[row, $1]) * vector[$1] }
    }
    return (0..<Self.width).map { column in
      (0..<3).reduce(-vector[column]) { $0 + shares[$1] * Double(manifold.directions[$1, column]) }
    }
  }

  /// Weak duality: with ‖[Cᵀλ]_i‖ ≤ 1 no feasible l has an objective under λᵀc(h) − δ·max ‖λ_i‖, c(h) = D(E(h)) − h.
  @Test("the objective is near a lower bound that the dual variable proves", arguments: [UInt64](0..<5))
  func dualityGap(seed: UInt64) throws {
    let (manifold, observation) = try problem(seed: seed)
    for bound in [0.2, 1, 3] {
      let result = RelaxedPurifier(manifold: manifold, constraint: .bound(bound)).purify(observation)
      for sample in 0..<4 {
        let report = result.reports[sample]
        #expect(report.converged, "seed \(seed), δ = \(bound)")
        #expect(Double(report.distance) < bound * 1.001)
        let dual = result.duals[row: sample].map(Double.init)
        let force = max(1, blockNorms(gapMap(manifold, dual)).max() ?? 0)
        let received = Array(observation.embeddings[row: sample])
        let projected = manifold.project(Matrix([received])).values
        let work = (0..<Self.width).reduce(0.0) {
          $0 + dual[$1] * (Double(projected[$1]) - Double(received[$1]))
        }
        let lower = (work - bound * (blockNorms(dual).max() ?? 0)) / force
        #expect(Double(report.objective) - lower < 1e-3 * lower + 1e-3, "seed \(seed), δ = \(bound)")
      }
    }
  }

  @Test("δ = 0 is Eq. 5, and a δ that h itself keeps leaves h", arguments: [UInt64](0..<3))
  func ends(seed: UInt64) throws {
    let (manifold, observation) = try problem(seed: seed)
    let onManifold = Purifier(manifold: manifold).purify(observation)
    let tight = RelaxedPurifier(manifold: manifold, constraint: .bound(0)).purify(observation)
    let loose = RelaxedPurifier(manifold: manifold, constraint: .bound(1e3)).purify(observation)
    for sample in 0..<4 {
      let objective = onManifold.reports[sample].objective
      #expect(abs(tight.reports[sample].objective - objective) < 1e-3 * objective)
      #expect(loose.reports[sample].objective < 1e-3 && loose.reports[sample].multiplier == 0)
    }
  }

  @Test("τ follows from δ: the Lagrangian with that τ has the same objective and distance", arguments: [UInt64](0..<3))
  func multiplier(seed: UInt64) throws {
    let (manifold, observation) = try problem(seed: seed)
    let bounded = RelaxedPurifier(manifold: manifold, constraint: .bound(1)).purify(observation)
    for sample in 0..<4 {
      let report = bounded.reports[sample]
      let lagrangian = RelaxedPurifier(manifold: manifold, constraint: .multiplier(Double(report.multiplier)))
        .purify(observation.selecting([sample])).reports[0]
      let total = report.objective + report.multiplier * report.distance
      #expect(abs(lagrangian.objective + report.multiplier * lagrangian.distance - total) < 1e-3 * total)
    }
  }

  @Test("an autoencoder with kinks that is the same map gives the same result")
  func curved() throws {
    let (manifold, observation) = try problem(seed: 7)
    let linear = RelaxedPurifier(manifold: manifold, constraint: .bound(0.5)).purify(observation)
    let kinked = RelaxedPurifier(manifold: kinkedAutoencoder(of: manifold), constraint: .bound(0.5)).purify(observation)
    for sample in 0..<4 {
      let (a, b) = (linear.reports[sample], kinked.reports[sample])
      #expect(b.converged && abs(a.objective - b.objective) < 1e-3 * a.objective)
    }
  }

  @Test("what a missing block holds has no effect, what is not finite is not solved, a batch equals its singles")
  func observation() throws {
    var (manifold, observation) = try problem(seed: 9)
    observation.withhold(block: 2, of: 1)
    observation.set(block: 0, of: 2, to: [Float](repeating: .nan, count: 6))
    let purifier = RelaxedPurifier(manifold: manifold, constraint: .bound(0.5))
    let together = purifier.purify(observation)
    #expect(together.reports.map(\.status) == [.converged, .converged, .notFinite, .converged])
    #expect(together.embeddings.isFinite && together.points.isFinite)
    for sample in 0..<4 {
      let alone = purifier.purify(observation.selecting([sample]))
      #expect(Array(together.embeddings[row: sample]) == alone.embeddings.values)
    }
  }
}
