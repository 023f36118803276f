internal import CopurCore
internal import CopurNumerics

/// The observed blocks of a sample, reduced to what the code can change, as `AffineKernels` has them: eight blocks' numbers
/// side by side. Memory of an ``AffineRun``.
struct AffineBlocks {
  /// The steps of the iterations: H⁻¹ Σ g_i/s_i with g_i = V_i·residual_i.
  enum StepKind {
    /// H = Σ (V_iV_iᵀ − g_ig_iᵀ/s_i²)/s_i.
    case newton
    /// H = Σ V_iV_iᵀ/s_i.
    case reweighted
  }

  /// The residuals at a code, and of each block ‖residual_i‖² and the smoothed norm s_i.
  struct Residuals {
    fileprivate let residual: ArenaArray<Double>
    fileprivate let squares: ArenaArray<Double>
    fileprivate let norms: ArenaArray<Double>

    /// The numbers that they take of an arena.
    static func room(for solver: AffineSolver) -> Int { solver.paddedBlocks * (solver.greatestRank + 2) }

    init(_ solver: AffineSolver, in arena: Arena<Double>) {
      residual = arena.take(solver.paddedBlocks * solver.greatestRank)
      (squares, norms) = (arena.take(solver.paddedBlocks), arena.take(solver.paddedBlocks))
    }

    fileprivate var kernel: AffineKernels.Residuals {
      AffineKernels.Residuals(residual: residual.pointer, squares: squares.pointer, norms: norms.pointer)
    }
  }

  private let solver: AffineSolver
  /// The numbers of the blocks that are there, ascending.
  private var observed: [Int] = []
  private let matrix: ArenaArray<Double>
  private let grams: ArenaArray<Double>
  /// Qᵀ(h − μ).
  private let target: ArenaArray<Double>
  /// The part of ‖residual_i‖² that no code changes.
  private let rests: ArenaArray<Double>
  private let workspace: ArenaArray<Double>
  private let centred: ArenaArray<Double>

  private static let lanes = AffineKernels.lanes

  /// The numbers that they take of an arena.
  static func room(for solver: AffineSolver) -> Int {
    let (size, rank) = (solver.codeWidth, solver.greatestRank)
    return solver.paddedBlocks * (rank * size + size * (size + 1) / 2 + rank + 1) + lanes * size + solver.paddedWidth
  }

  /// - Parameter arena: One of which nothing is taken yet that is no multiple of eight numbers.
  init(_ solver: AffineSolver, in arena: Arena<Double>) {
    self.solver = solver
    let (count, size, rank) = (solver.paddedBlocks, solver.codeWidth, solver.greatestRank)
    matrix = arena.take(count * rank * size)
    grams = arena.take(count * size * (size + 1) / 2)
    (target, rests) = (arena.take(count * rank), arena.take(count))
    (workspace, centred) = (arena.take(Self.lanes * size), arena.take(solver.paddedWidth))
    observed.reserveCapacity(solver.layout.count)
  }

  /// Reads the observed blocks of a sample.
  mutating func load(_ blocks: [Int], of sample: Int, in observation: Observation) {
    // Mostly those of the sample before.
    if blocks != observed { arrange(blocks) }
    let layout = solver.layout
    let start = sample * layout.totalWidth
    let rank = solver.greatestRank
    observation.embeddings.values.withUnsafeBufferPointer { values in
      solver.offset.withUnsafeBufferPointer { offset in
        solver.bases.withUnsafeBufferPointer { bases in
          for (position, block) in observed.enumerated() {
            let (first, place) = (layout.offsets[block], Self.place(of: position, rank))
            rests[position] = AffineKernels.load(
              values.baseAddress! + start + first, offset: offset.baseAddress! + first,
              basis: bases.baseAddress! + solver.baseOffsets[block], rank: solver.ranks[block],
              count: layout.widths[block], centred: centred.pointer, shares: target.pointer + place)
          }
        }
      }
    }
  }

  /// The place of a block's first number where each has some.
  private static func place(of position: Int, _ numbers: Int) -> Int {
    position / lanes * numbers * lanes + position % lanes
  }

  /// Puts the blocks' own numbers in their places.
  private mutating func arrange(_ blocks: [Int]) {
    observed = blocks
    let (size, rank) = (solver.codeWidth, solver.greatestRank)
    for numbers in [matrix, grams, target, rests] { numbers.fill(with: 0) }
    for (position, block) in blocks.enumerated() {
      let first = Self.place(of: position, rank * size)
      for (index, value) in solver.blocks[block].reduced.enumerated() { matrix[first + index * Self.lanes] = value }
      var place = Self.place(of: position, size * (size + 1) / 2)
      for a in 0..<size {
        for b in 0...a {
          grams[place] = solver.grams[(block * size + a) * size + b]
          place += Self.lanes
        }
      }
    }
  }

  private var kernel: AffineKernels.Blocks {
    AffineKernels.Blocks(
      count: observed.count, rank: solver.greatestRank, size: solver.codeWidth, matrix: matrix.pointer,
      grams: grams.pointer, target: target.pointer, rests: rests.pointer)
  }

  /// Sets the residuals at a code.
  func measure(_ code: ArenaArray<Double>, _ smoothing: Double, into residuals: Residuals) {
    AffineKernels.measure(kernel, code.pointer, smoothing: smoothing, into: residuals.kernel)
  }

  /// ε is another.
  func smoothingChanged(to smoothing: Double, of residuals: Residuals) {
    AffineKernels.norms(
      residuals.squares.pointer, smoothing: smoothing, count: observed.count, into: residuals.norms.pointer)
  }

  /// The change of the smoothed objective by the step, from the step itself: the difference of two objectives would lose it
  /// behind the norm of a block that is far enough off, and whoever sends that would end the iterations.
  func change(
    by step: ArenaArray<Double>, from before: Residuals, to after: Residuals
  ) -> (sum: Double, size: Double) {
    AffineKernels.change(kernel, step.pointer, from: before.kernel, to: after.kernel)
  }

  /// Sets the lower triangle of H, and `gradient` to Σ g_i/s_i.
  ///
  /// - Returns: Σ 1/s_i.
  func normal(
    _ kind: StepKind, at residuals: Residuals, into normal: ArenaArray<Double>, _ gradient: ArenaArray<Double>
  ) -> Double {
    AffineKernels.normal(
      kernel, at: residuals.kernel, isNewton: kind == .newton, into: normal.pointer, gradient.pointer,
      workspace: workspace.pointer)
  }

  /// Σ s_i.
  func objective(_ residuals: Residuals) -> Double {
    observed.indices.reduce(0) { $0 + residuals.norms[$1] }
  }

  /// The least ‖residual_i‖².
  func nearest(_ residuals: Residuals) -> Double {
    observed.indices.reduce(Double.infinity) { min($0, residuals.squares[$1]) }
  }
}
