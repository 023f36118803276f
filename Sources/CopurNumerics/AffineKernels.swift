internal import CCopurKernels

/// Operations on the blocks of a sample on an affine manifold, ``lanes`` blocks at a time, in memory of the caller.
///
/// Number k of block b is at ((b / 8)·n + k)·8 + b mod 8 where a block has n numbers; the last ones are padded by zeros up to
/// eight blocks, and all begin at a multiple of 64 bytes. Each result is, bit for bit, that of the blocks one after the other.
public enum AffineKernels {
  /// The number of blocks whose numbers lie side by side.
  public static let lanes = Int(COPUR_BLOCK_LANES)

  /// The observed blocks, each reduced to what a code can change.
  public struct Blocks {
    let blocks: copur_affine_blocks

    /// - Parameters:
    ///   - rank: The greatest.
    ///   - size: The width of a code.
    ///   - matrix: Of each block R, [rank, size].
    ///   - grams: The lower triangle of each RᵀR, row by row.
    ///   - target: Qᵀ(h − μ), [rank].
    ///   - rests: The part of each squared distance that no code changes.
    public init(
      count: Int, rank: Int, size: Int, matrix: UnsafePointer<Double>, grams: UnsafePointer<Double>,
      target: UnsafePointer<Double>, rests: UnsafePointer<Double>
    ) {
      blocks = copur_affine_blocks(
        count: count, rank: rank, size: size, matrix: matrix, grams: grams, target: target, rests: rests)
    }
  }

  /// The residuals of blocks at a code, [rank] each; their squared norms; and √(squared norm + smoothing²).
  public struct Residuals {
    let residuals: copur_affine_residuals

    /// Residuals in memory of the caller, which outlives them.
    public init(
      residual: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>, norms: UnsafeMutablePointer<Double>
    ) {
      residuals = copur_affine_residuals(residual: residual, squares: squares, norms: norms)
    }
  }

  /// Reads a block.
  ///
  /// - Parameters:
  ///   - basis: Qᵀ, [rank, count].
  ///   - centred: Room for `count` numbers.
  ///   - shares: Qᵀ(h − μ), every ``lanes`` numbers.
  /// - Returns: The squared length of what is left of h − μ.
  public static func load(
    _ values: UnsafePointer<Float>, offset: UnsafePointer<Double>, basis: UnsafePointer<Double>, rank: Int, count: Int,
    centred: UnsafeMutablePointer<Double>, shares: UnsafeMutablePointer<Double>
  ) -> Double {
    copur_affine_load(values, offset, basis, rank, count, centred, shares)
  }

  /// Sets the residuals at a code.
  public static func measure(
    _ blocks: Blocks, _ code: UnsafePointer<Double>, smoothing: Double, into residuals: Residuals
  ) {
    withUnsafePointer(to: blocks.blocks) { copur_affine_measure($0, code, smoothing, residuals.residuals) }
  }

  /// norms ← √(squares + smoothing²).
  public static func norms(
    _ squares: UnsafePointer<Double>, smoothing: Double, count: Int, into norms: UnsafeMutablePointer<Double>
  ) {
    copur_affine_norms(squares, smoothing, count, norms)
  }

  /// The change of the sum of norms by a step, worked out from the step, and the sum of the absolute changes.
  public static func change(
    _ blocks: Blocks, _ step: UnsafePointer<Double>, from before: Residuals, to after: Residuals
  ) -> (sum: Double, size: Double) {
    var change = (sum: 0.0, size: 0.0)
    withUnsafePointer(to: blocks.blocks) {
      copur_affine_change($0, step, before.residuals, after.residuals, &change.sum, &change.size)
    }
    return change
  }

  /// Sets the lower triangle of H, [size, size], and the gradient Σ g/s: with g = Rᵀ·residual and s the norm of each block
  /// Σ (RᵀR − ggᵀ/s²)/s for Newton's method, or Σ RᵀR/s.
  ///
  /// - Parameter workspace: Room for ``lanes`` numbers for each of a code.
  /// - Returns: Σ 1/s.
  public static func normal(
    _ blocks: Blocks, at residuals: Residuals, isNewton: Bool, into normal: UnsafeMutablePointer<Double>,
    _ gradient: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    withUnsafePointer(to: blocks.blocks) {
      copur_affine_normal($0, residuals.residuals, isNewton ? 1 : 0, normal, gradient, workspace)
    }
  }
}
