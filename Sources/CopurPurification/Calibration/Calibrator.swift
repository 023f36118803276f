public import CopurCore
public import CopurNumerics

/// Turns clean embeddings that models were not trained on into limits for models that were trained on all rows.
///
/// The models of a fold and the final ones differ in scale, so every held-out value is taken in units of what it is on
/// average on its own model's training rows. The order statistics of these ratios, over all folds, times the same average
/// of the final model are its limits. They are exact for rows that are exchangeable; runs of consecutive rows are less
/// alike, which makes the limits wider, not narrower.
public struct Calibrator: Sendable {
  /// Models trained without some rows, and what they make of those.
  public struct Fold: Sendable {
    /// Embeddings of the rows that the models were trained on, [n, D].
    public var training: Matrix
    /// Embeddings of the rows held out, [m, D].
    public var heldOut: Matrix
    /// Profiles of `training`.
    public var profiles: [EmbeddingProfile]

    /// - Throws: `NumericsError` if the training embeddings are not finite.
    public init(training: Matrix, heldOut: Matrix, layout: BlockLayout) throws {
      self.training = training
      self.heldOut = heldOut
      profiles = try EmbeddingProfile.fitting(training, layout: layout)
    }
  }

  /// The most training rows that averages are taken over, evenly spread.
  private static let averagedRows = 500

  /// The blocks of the embeddings.
  public let layout: BlockLayout
  /// The trainings whose held-out rows give the ratios.
  public let folds: [Fold]
  /// How many of each agent's clean blocks may be named suspect, over 0 and under 1.
  public let falseAlarmRate: Double

  /// - Parameter falseAlarmRate: Over 0 and under 1.
  public init(layout: BlockLayout, folds: [Fold], falseAlarmRate: Double = 0.01) {
    precondition(falseAlarmRate > 0 && falseAlarmRate < 1)
    self.layout = layout
    self.folds = folds
    self.falseAlarmRate = falseAlarmRate
  }

  /// How many rows were held out, all folds together.
  public var rows: Int { folds.reduce(0) { $0 + $1.heldOut.rows } }

  /// The score above which an agent's block is outside. The gate and the residuals behind it share the false alarms.
  public func gateLimits() -> [Float] {
    (0..<layout.count).map { block in
      let scores = folds.flatMap { fold in
        (0..<fold.heldOut.rows).map { fold.profiles[block].score(fold.heldOut[row: $0][slice(block, row: $0)]) }
      }
      return OrderStatistic.limit(of: scores, falseAlarmRate: falseAlarmRate / 2)
    }
  }

  /// The residual above which an agent is suspect.
  ///
  /// - Parameters:
  ///   - purifiers: A fold's purifier each, with or without a gate.
  ///   - final: The purifier that the limits are for.
  ///   - training: The embeddings that `final` was fitted to, [n, D].
  public func residualLimits(
    purifiers: [GatedPurifier], final: GatedPurifier, training: Matrix
  ) -> [Float] {
    precondition(purifiers.count == folds.count)
    var ratios = [[Float]](repeating: [], count: layout.count)
    for (fold, purifier) in zip(folds, purifiers) {
      let units = averages(of: fold.training, purifier: purifier)
      for residuals in residuals(of: fold.heldOut, purifier: purifier) {
        for block in 0..<layout.count { ratios[block].append(residuals[block] / units[block]) }
      }
    }
    let rate = final.gate == nil ? falseAlarmRate : falseAlarmRate / 2
    return zip(ratios, averages(of: training, purifier: final)).map { ratios, unit in
      min(OrderStatistic.limit(of: ratios, falseAlarmRate: rate) * unit, .greatestFiniteMagnitude)
    }
  }

  /// δ of Eq. 6: what Σ_i ‖[D(E(l)) − l]_i‖₂ of clean embeddings stays under.
  ///
  /// - Parameters:
  ///   - manifolds: A fold's manifold each.
  ///   - final: The manifold that the bound is for.
  ///   - training: The embeddings that `final` was fitted to, [n, D].
  ///   - rate: How many of the errors are to be under the bound.
  ///   - confidence: How sure that is to be.
  /// - Returns: Nil without held-out rows.
  public func reconstructionBound(
    manifolds: [any Manifold], final: any Manifold, training: Matrix, rate: Double = 0.99, confidence: Double = 0.95
  ) -> ErrorBound? {
    precondition(manifolds.count == folds.count)
    let ratios = zip(folds, manifolds).flatMap { fold, manifold in
      let unit = meanError(errors(of: spread(fold.training), manifold), manifold)
      return errors(of: fold.heldOut, manifold).map { $0 / unit }
    }
    let unit = meanError(errors(of: spread(training), final), final)
    guard var bound = OrderStatistic.upperBound(of: ratios, rate: rate, confidence: confidence) else { return nil }
    bound.value *= unit
    return bound
  }

  /// Σ_i ‖[D(E(l)) − l]_i‖₂ of each row.
  private func errors(of embeddings: Matrix, _ manifold: any Manifold) -> [Double] {
    let projected = manifold.project(embeddings)
    return (0..<embeddings.rows).map { row in
      (0..<layout.count).reduce(0.0) { sum, block in
        sum
          + layout[block].reduce(0.0) { square, column in
            let gap = Double(projected[row, column]) - Double(embeddings[row, column])
            return square + gap * gap
          }.squareRoot()
      }
    }
  }

  private func meanError(_ errors: [Double], _ manifold: any Manifold) -> Double {
    max(errors.reduce(0, +) / Double(max(1, errors.count)), 1e-6 * max(Double(manifold.blockScale), 1e-6))
  }

  private func residuals(of embeddings: Matrix, purifier: GatedPurifier) -> [[Float]] {
    let observation = Observation(layout: layout, embeddings: embeddings)
    return purifier.purify(observation).purification.reports.map { $0.residuals.map { $0 ?? 0 } }
  }

  /// The mean residual of each agent, kept off 0.
  private func averages(of embeddings: Matrix, purifier: GatedPurifier) -> [Float] {
    let all = residuals(of: spread(embeddings), purifier: purifier)
    let floor = 1e-6 * max(purifier.purifier.manifold.blockScale, 1e-6)
    return (0..<layout.count).map { block in
      max(Float(all.reduce(0.0) { $0 + Double($1[block]) } / Double(max(1, all.count))), floor)
    }
  }

  private func spread(_ embeddings: Matrix) -> Matrix {
    guard embeddings.rows > Self.averagedRows else { return embeddings }
    return embeddings.selecting(rows: (0..<Self.averagedRows).map { $0 * embeddings.rows / Self.averagedRows })
  }

  private func slice(_ block: Int, row: Int) -> Range<Int> {
    let start = row * layout.totalWidth
    return start + layout[block].lowerBound..<start + layout[block].upperBound
  }
}
