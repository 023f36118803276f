internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ over the codes z of a curved manifold. ``Purifier`` says from where.
struct CurvedSolver: Sendable {
  let layout: BlockLayout
  let settings: Purifier.Settings
  let encoder: PackedNetwork
  let decoder: PreconditionedDecoder
  /// The mean code.
  let centralCode: [Float]
  /// D of it.
  let middle: [Float]
  let scale: Double
  private let single = WorkspacePool<CurvedRun>()
  private let grouped = WorkspacePool<CurvedRun>()

  init(manifold: any Manifold, settings: Purifier.Settings) {
    layout = manifold.layout
    self.settings = settings
    let networks = manifold.networks
    encoder = PackedNetwork(networks.encoder.layers)
    decoder = PreconditionedDecoder(networks.decoder)
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
          let results = CurvedRun.Results(
            codes: codes.baseAddress!, embeddings: embeddings.baseAddress!, outcomes: outcomes.baseAddress!)
          let (pool, capacity) = samples == 1 ? (single, 1) : (grouped, CurvedRun.largestGroup)
          spread(samples, group: CurvedRun.group(of: samples), pool: pool) {
            CurvedRun(self, capacity: capacity)
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
