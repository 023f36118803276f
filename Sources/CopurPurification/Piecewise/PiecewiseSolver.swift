internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ over the codes z of a manifold whose decoder is affine on pieces. ``Purifier`` says
/// from where.
struct PiecewiseSolver: Sendable {
  let layout: BlockLayout
  let settings: Purifier.Settings
  let encoder: PackedNetwork
  let decoder: PreconditionedDecoder
  /// The mean code.
  let centralCode: [Float]
  /// D of it.
  let middle: [Float]
  let scale: Double
  private let single = WorkspacePool<PiecewiseRun>()
  private let grouped = WorkspacePool<PiecewiseRun>()

  init(_ manifold: any PiecewiseAffineManifold, settings: Purifier.Settings) {
    layout = manifold.layout
    self.settings = settings
    encoder = PackedNetwork(manifold.encoder.layers)
    decoder = PreconditionedDecoder(manifold.decoder)
    centralCode = manifold.centralCode
    middle = manifold.decode(Matrix([manifold.centralCode])).values
    scale = manifold.blockScale > 0 && manifold.blockScale.isFinite ? Double(manifold.blockScale) : 1
  }

  func purify(_ observation: Observation) -> Purification {
    let (samples, width) = (observation.samples, layout.totalWidth)
    var codes = Matrix(rows: samples, columns: decoder.codeWidth)
    var embeddings = Matrix(rows: samples, columns: width)
    var outcomes = [SolverOutcome](repeating: .init(), count: samples)
    codes.values.withUnsafeMutableBufferPointer { codes in
      embeddings.values.withUnsafeMutableBufferPointer { embeddings in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard samples > 0 else { return }
          let results = PiecewiseRun.Results(
            codes: codes.baseAddress!, embeddings: embeddings.baseAddress!, outcomes: outcomes.baseAddress!)
          let (pool, capacity) = samples == 1 ? (single, 1) : (grouped, PiecewiseRun.largestGroup)
          spread(samples, group: PiecewiseRun.group(of: samples), pool: pool) {
            PiecewiseRun(self, capacity: capacity)
          } _: { run, range in
            run.solve(range, of: observation, into: results)
          }
        }
      }
    }
    return Purification(
      observation, codes: codes, embeddings: embeddings, outcomes: outcomes, middle: (centralCode, middle))
  }
}
