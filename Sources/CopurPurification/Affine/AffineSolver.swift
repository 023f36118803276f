internal import CopurCore
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − μ_i − V_iᵀz‖₂ over z, in double precision, through the smoothed objective
/// Σ s_i, s_i = √(‖residual_i‖² + ε²), which is convex.
///
/// Of each block only what the code can change takes part in the iterations: with V_iᵀ = Q_i·R_i the residual's norm is
/// √(‖Q_iᵀ(h_i − μ_i) − R_i·z‖² + rest_i²), where the rest, orthogonal to Q_i, is computed once. In one dimension there are
/// no iterations of this kind: see ``LineMinimum``.
struct AffineSolver: Sendable {
  let layout: BlockLayout
  let settings: Purifier.Settings
  let codeWidth: Int
  let scale: Double
  let offset: [Double]
  /// V, row-major [r, D].
  let directions: [Double]
  /// V_i·V_iᵀ of each block, [M, r, r].
  let grams: [Double]
  let blocks: [ReducedBlock]
  /// The places of each block's reduced residual.
  let reducedLayout: [Int]
  /// The start of the iterations.
  let centralCode: [Float]
  /// The geometry of a manifold of one dimension; nil for others.
  let line: LineGeometry?
  private let pool = WorkspacePool<AffineRun>()

  init(_ manifold: any AffineManifold, settings: Purifier.Settings) {
    let (offset, directions, scale) = (manifold.offset, manifold.directions, manifold.blockScale)
    layout = manifold.layout
    centralCode = manifold.centralCode
    self.offset = offset.map(Double.init)
    self.directions = directions.values.map(Double.init)
    self.scale = scale > 0 && scale.isFinite ? Double(scale) : 1
    self.settings = settings
    let codeWidth = directions.rows
    self.codeWidth = codeWidth
    let layout = layout
    line =
      codeWidth == 1
      ? LineGeometry(
        layout: layout, offset: self.offset, direction: self.directions, smoothing: settings.floor * self.scale) : nil
    blocks = (0..<layout.count).map { block in ReducedBlock(directions, columns: layout[block]) }
    var next = 0
    reducedLayout = blocks.map { block in
      defer { next += block.rank }
      return next
    }
    grams = blocks.flatMap { block in
      var gram = [Double](repeating: 0, count: codeWidth * codeWidth)
      for row in 0..<block.rank {
        for a in 0..<codeWidth {
          for b in 0..<codeWidth {
            gram[a * codeWidth + b] += block.reduced[row * codeWidth + a] * block.reduced[row * codeWidth + b]
          }
        }
      }
      return gram
    }
  }

  var reducedWidth: Int { blocks.reduce(0) { $0 + $1.rank } }

  /// A solution, in double precision.
  struct Solution {
    /// [n, r].
    var codes: [Double]
    var outcomes: [SolverOutcome]
  }

  func solve(_ observation: Observation) -> Solution {
    let samples = observation.samples
    var solution = Solution(
      codes: [Double](repeating: 0, count: samples * codeWidth),
      outcomes: [SolverOutcome](repeating: .init(), count: samples))
    guard samples > 0 else { return solution }
    solution.codes.withUnsafeMutableBufferPointer { codes in
      solution.outcomes.withUnsafeMutableBufferPointer { outcomes in
        let codes = SharedOutput(start: codes.baseAddress!)
        let outcomes = SharedOutput(start: outcomes.baseAddress!)
        // A thread is worth its start from some dozens of small problems on.
        spread(samples, group: max(1, 512 / (codeWidth * codeWidth)), pool: pool) {
          AffineRun(self)
        } _: { run, range in
          for sample in range {
            outcomes.start[sample] = run.solve(sample, of: observation)
            (codes.start + sample * codeWidth).update(from: run.code.pointer(count: codeWidth), count: codeWidth)
          }
        }
      }
    }
    return solution
  }

  /// D(z) of one row of codes.
  func decode(_ code: some Collection<Double>) -> [Float] {
    var sums = offset
    for (row, factor) in code.enumerated() {
      directions.withUnsafeBufferPointer { directions in
        sums.withUnsafeMutableBufferPointer { sums in
          VectorKernels.add(
            directions.baseAddress! + row * sums.count, scaledBy: factor, to: sums.baseAddress!, count: sums.count)
        }
      }
    }
    return sums.map(Float.init)
  }

  func purify(_ observation: Observation) -> Purification {
    let solution = solve(observation)
    let width = layout.totalWidth
    var embeddings = Matrix(rows: observation.samples, columns: width)
    for sample in 0..<observation.samples {
      let code = solution.codes[sample * codeWidth..<(sample + 1) * codeWidth]
      embeddings[row: sample] = decode(code)[...]
    }
    return Purification(
      observation,
      codes: Matrix(rows: observation.samples, columns: codeWidth, values: solution.codes.map(Float.init)),
      embeddings: embeddings, outcomes: solution.outcomes,
      middle: (centralCode, decode(centralCode.map(Double.init))))
  }
}
