internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ over the codes z of a curved manifold. ``Purifier`` says from where.
struct CurvedSolver: Sendable {
  /// From this width of the code on, second derivatives are not computed at every step.
  static let wideCode = 24

  let layout: BlockLayout
  let settings: Purifier.Settings
  let encoder: PackedNetwork
  let decoder: PackedNetwork
  let centralCode: [Float]
  /// D(z̄).
  let middle: [Float]
  let scale: Double
  /// The Cholesky factor of J·Jᵀ at z̄, for wide codes; else empty.
  let centralFactor: [Double]

  init(manifold: any Manifold, settings: Purifier.Settings) {
    layout = manifold.layout
    self.settings = settings
    let networks = manifold.networks
    encoder = PackedNetwork(networks.encoder)
    decoder = PackedNetwork(networks.decoder)
    centralCode = manifold.centralCode
    scale = manifold.blockScale > 0 && manifold.blockScale.isFinite ? Double(manifold.blockScale) : 1
    middle = manifold.decode(Matrix([manifold.centralCode])).values
    centralFactor =
      manifold.codeWidth < Self.wideCode ? [] : Self.factor(at: centralCode, of: decoder, layout: layout)
  }

  private static func factor(at code: [Float], of decoder: PackedNetwork, layout: BlockLayout) -> [Double] {
    let width = code.count
    let output = PackedNetwork.Workspace(decoder, capacity: 1 + width).forwardWithJacobian(code)
    let jacobian = Matrix(rows: width, columns: layout.totalWidth) { elements in
      for row in 0..<width {
        for column in 0..<layout.totalWidth {
          elements[row * layout.totalWidth + column] = output[(1 + row) * decoder.outputStride + column]
        }
      }
    }
    var normal = Matrix.product(jacobian, .plain, jacobian, .transposed).values.map(Double.init)
    let trace = (0..<width).reduce(0) { $0 + normal[$1 * width + $1] }
    for index in 0..<width { normal[index * width + index] += 1e-4 * trace / Double(width) + 1e-12 }
    normal.withUnsafeMutableBufferPointer { Cholesky.factor($0.baseAddress!, size: width) }
    return normal
  }

  func purify(_ observation: Observation) -> Purification {
    let (samples, codeWidth, width) = (observation.samples, centralCode.count, layout.totalWidth)
    var codes = Matrix(rows: samples, columns: codeWidth)
    var embeddings = Matrix(rows: samples, columns: width)
    var outcomes = [AffineRun.Outcome](repeating: .init(), count: samples)
    codes.values.withUnsafeMutableBufferPointer { codes in
      embeddings.values.withUnsafeMutableBufferPointer { embeddings in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard samples > 0 else { return }
          let codes = SharedOutput(start: codes.baseAddress!)
          let embeddings = SharedOutput(start: embeddings.baseAddress!)
          let outcomes = SharedOutput(start: outcomes.baseAddress!)
          spread(samples, grain: 1) { range in
            let run = CurvedRun(self)
            for sample in range {
              outcomes.start[sample] = run.solve(
                sample, of: observation, code: codes.start + sample * codeWidth,
                embedding: embeddings.start + sample * width)
            }
          }
        }
      }
    }
    let reports = outcomes.enumerated().map { sample, outcome in
      var report = Purification.Report(
        observation, sample: sample, purified: embeddings, iterations: outcome.iterations,
        stationarity: outcome.stationarity, converged: outcome.converged)
      report.history = outcome.history
      return report
    }
    return Purification(codes: codes, embeddings: embeddings, reports: reports)
  }
}
