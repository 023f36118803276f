import CopurCore
import CopurLearning
import CopurNumerics
import Testing

@Suite("Manifold")
struct ManifoldTests {
  private static let layout = BlockLayout(widths: [3, 4])

  private func manifolds() throws -> [any Manifold] {
    var generator = SeededGenerator(seed: 2)
    let bent = try Architecture(
      inputWidth: 2,
      layers: [
        .init("0", DenseSpecification(outputs: 5)), .init("bend", ActivationSpecification(.softplus)),
        .init("1", DenseSpecification(outputs: 7)),
      ])
    return [
      try LinearManifold(
        fitting: generator.normalMatrix(rows: 30, columns: 7), layout: Self.layout, dimension: 2),
      AutoencoderManifold(
        network: DenseNetwork(widths: [7, 6, 2, 6, 7], hidden: .leakyReLU(slope: 0.7), using: &generator),
        layout: Self.layout, embeddings: generator.normalMatrix(rows: 9, columns: 7)),
      NetworkManifold(
        encoder: try Network(Architecture(widths: [7, 4, 2], hidden: .leakyReLU(slope: 0.7)), using: &generator),
        decoder: try Network(bent, using: &generator), layout: Self.layout,
        embeddings: generator.normalMatrix(rows: 9, columns: 7)),
    ]
  }

  @Test("Jacobians are those of differences, and vector–Jacobian products go through them", arguments: 0..<3)
  func derivatives(number: Int) throws {
    let manifold = try manifolds()[number]
    var generator = SeededGenerator(seed: 5)
    let codes = generator.normalMatrix(rows: 4, columns: 2)
    let weights = generator.normalMatrix(rows: 4, columns: 7)
    let (embeddings, jacobians) = manifold.decodeWithJacobians(codes)
    let (again, pullback) = manifold.decodeWithPullback(codes)
    #expect(embeddings == manifold.decode(codes) && again == embeddings)
    let pulled = pullback(weights)
    for sample in 0..<4 {
      for index in 0..<2 {
        let row = jacobians[row: sample * 2 + index]
        let product = zip(row, weights[row: sample]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(pulled[sample, index] - product) < 1e-4)
        let decoded = [Float(0.002), -0.002].map { shift in
          var moved = codes.selecting(rows: [sample])
          moved[0, index] += shift
          return manifold.decode(moved).values
        }
        for column in 0..<7 {
          let slope = (decoded[0][column] - decoded[1][column]) / 0.004
          // A kink between the two is passed over by a third of the slope at most.
          #expect(abs(row[row.startIndex + column] - slope) < (number == 1 ? 0.35 : 5e-3))
        }
      }
    }
  }

  @Test("Jacobians without a way of their own are those of the manifold's way", arguments: 0..<2)
  func jacobians(number: Int) throws {
    struct Plain: Manifold {
      let manifold: any Manifold
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
    let manifold = try manifolds()[number]
    var generator = SeededGenerator(seed: 6)
    let codes = generator.normalMatrix(rows: 3, columns: 2)
    let (own, general) = (manifold.decodeWithJacobians(codes), Plain(manifold: manifold).decodeWithJacobians(codes))
    #expect(own.embeddings == general.embeddings)
    for (a, b) in zip(own.jacobians.values, general.jacobians.values) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("capabilities say what D is")
  func capabilities() throws {
    let manifolds = try manifolds()
    #expect(manifolds.map { $0 is any AffineManifold } == [true, false, false])
    #expect(manifolds.map { $0 is any PiecewiseAffineManifold } == [false, true, false])
  }
}
