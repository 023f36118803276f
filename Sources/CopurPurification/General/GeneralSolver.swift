internal import CopurCore
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ over the codes z of any manifold, of which it asks D and its vector–Jacobian product
/// only. ``Purifier`` says from where, ``QuasiNewtonDescent`` how.
struct GeneralSolver: Sendable {
  /// The number of samples that are solved at a time, side by side.
  static let group = 32

  let manifold: any Manifold
  let layout: BlockLayout
  let settings: Purifier.Settings
  /// The mean code.
  let centralCode: [Float]
  /// D of it.
  let middle: [Float]
  let scale: Double
  private let single = WorkspacePool<GeneralRun>()
  private let grouped = WorkspacePool<GeneralRun>()

  init(_ manifold: any Manifold, settings: Purifier.Settings) {
    self.manifold = manifold
    layout = manifold.layout
    self.settings = settings
    centralCode = manifold.centralCode
    middle = manifold.decode(Matrix([manifold.centralCode])).values
    scale = manifold.blockScale > 0 && manifold.blockScale.isFinite ? Double(manifold.blockScale) : 1
  }

  func purify(_ observation: Observation) -> Purification {
    let (samples, width, size) = (observation.samples, layout.totalWidth, centralCode.count)
    var codes = Matrix(rows: samples, columns: size)
    var embeddings = Matrix(rows: samples, columns: width)
    var outcomes = [SolverOutcome](repeating: .init(), count: samples)
    codes.values.withUnsafeMutableBufferPointer { codes in
      embeddings.values.withUnsafeMutableBufferPointer { embeddings in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard samples > 0 else { return }
          let codes = SharedOutput(start: codes.baseAddress!)
          let embeddings = SharedOutput(start: embeddings.baseAddress!)
          let outcomes = SharedOutput(start: outcomes.baseAddress!)
          let (pool, capacity) = samples == 1 ? (single, 1) : (grouped, Self.group)
          spread(samples, group: min(samples, capacity), pool: pool) {
            GeneralRun(self, capacity: capacity)
          } _: { run, range in
            run.solve(range, of: observation)
            for (row, sample) in range.enumerated() {
              outcomes.start[sample] = run.finish(
                row, code: codes.start + sample * size, embedding: embeddings.start + sample * width)
            }
          }
        }
      }
    }
    return Purification(
      observation, codes: codes, embeddings: embeddings, outcomes: outcomes, middle: (centralCode, middle))
  }
}
