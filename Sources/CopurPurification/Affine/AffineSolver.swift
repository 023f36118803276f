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
  /// The rank of each block, and the greatest of them.
  let ranks: [Int]
  let greatestRank: Int
  /// Qᵀ of all blocks, one after the other, and the place of each.
  let bases: [Double]
  let baseOffsets: [Int]
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
    ranks = blocks.map(\.rank)
    greatestRank = ranks.max() ?? 0
    bases = blocks.flatMap(\.basis)
    var next = 0
    baseOffsets = blocks.map { block in
      defer { next += block.basis.count }
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

  /// The number of blocks, and the width of the widest, rounded up for `AffineKernels`.
  var paddedBlocks: Int { Self.padded(layout.count) }
  var paddedWidth: Int { Self.padded(layout.widths.max() ?? 0) }

  private static func padded(_ count: Int) -> Int {
    (count + AffineKernels.lanes - 1) / AffineKernels.lanes * AffineKernels.lanes
  }

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

  /// D(z) of rows of codes, [n, r].
  func decode(_ codes: [Double]) -> Matrix {
    let (width, rows) = (layout.totalWidth, codes.count / codeWidth)
    return Matrix(rows: rows, columns: width) { decoded in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { sums in
        for row in 0..<rows {
          _ = sums.update(fromContentsOf: offset)
          directions.withUnsafeBufferPointer { directions in
            for index in 0..<codeWidth {
              VectorKernels.add(
                directions.baseAddress! + index * width, scaledBy: codes[row * codeWidth + index],
                to: sums.baseAddress!, count: width)
            }
          }
          for column in 0..<width { decoded[row * width + column] = Float(sums[column]) }
        }
      }
    }
  }

  func purify(_ observation: Observation) -> Purification {
    let solution = solve(observation)
    return Purification(
      observation,
      codes: Matrix(rows: observation.samples, columns: codeWidth, values: solution.codes.map(Float.init)),
      embeddings: decode(solution.codes), outcomes: solution.outcomes,
      middle: (centralCode, decode(centralCode.map(Double.init)).values))
  }
}
