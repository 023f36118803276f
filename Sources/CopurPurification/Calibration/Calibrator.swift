public import CopurCore
public import CopurNumerics

/// Turns clean embeddings that models were not trained on into limits for models that were trained on all rows.
///
/// The models of a fold and the final ones differ in scale, so every held-out value is taken in units of what it is on
/// average on its own model's training rows. The worst run's order statistic of these ratios, with a margin
/// (``OrderStatistic/limit(ofRuns:falseAlarmRate:)``), times the same average of the final model are its limits.
public struct Calibrator: Sendable {
  /// Models trained without some rows, and what they make of those.
  public struct Fold: Sendable {
    /// Embeddings of the rows that the models were trained on.
    public var training: Observation
    /// Embeddings of the rows held out.
    public var heldOut: Observation
    /// Profiles of `training`.
    public var profiles: [EmbeddingProfile]

    /// - Throws: `NumericsError` if the training embeddings are not finite.
    public init(training: Observation, heldOut: Observation) throws {
      self.training = training
      self.heldOut = heldOut
      profiles = try EmbeddingProfile.fitting(training)
    }
  }

  /// The most training rows that averages are taken over, evenly spread.
  private static let averagedRows = 500

  /// The blocks of the embeddings.
  public let layout: BlockLayout
  /// The trainings whose held-out rows give the ratios.
  public let folds: [Fold]
  /// The fraction of each agent's clean blocks that may be named suspect, over 0 and under 1.
  public let falseAlarmRate: Double

  /// - Parameter falseAlarmRate: Over 0 and under 1.
  public init(layout: BlockLayout, folds: [Fold], falseAlarmRate: Double = 0.01) {
    precondition(falseAlarmRate > 0 && falseAlarmRate < 1)
    self.layout = layout
    self.folds = folds
    self.falseAlarmRate = falseAlarmRate
  }

  /// The number of rows that were held out, all folds together.
  public var rows: Int { folds.reduce(0) { $0 + $1.heldOut.samples } }

  /// The score above which an agent's block is outside. The gate and the residuals behind it share the false alarms.
  ///
  /// None is wider than ``widestGate``, which would let everything through.
  public func gateLimits() -> [Float] { wantedGateLimits().map { folds.isEmpty ? $0 : min($0, Self.widestGate) } }

  /// The widest gate, in units of the score that 99 % of an agent's training blocks stay under: a block ten times as far out
  /// is none that an agent sends who is like it was in training.
  public static let widestGate: Float = 10

  /// The limits that held-out blocks ask for, however wide.
  public func wantedGateLimits() -> [Float] {
    (0..<layout.count).map { block in
      let scores = folds.map { fold in
        // An agent that was not heard in a fold's training has no profile there to be measured by.
        fold.training.samples(observing: block).isEmpty
          ? []
          : fold.heldOut.samples(observing: block).map {
            fold.profiles[block].score(fold.heldOut.embeddings.values[slice(block, row: $0)])
          }
      }
      return OrderStatistic.limit(ofRuns: scores, falseAlarmRate: falseAlarmRate / 2)
    }
  }

  /// The residual above which an agent is suspect.
  ///
  /// - Parameters:
  ///   - purifiers: A fold's purifier each, with or without a gate.
  ///   - final: The purifier that the limits are for.
  ///   - training: The embeddings that `final` was fitted to.
  public func residualLimits(
    purifiers: [GatedPurifier], final: GatedPurifier, training: Observation
  ) -> [Float] {
    precondition(purifiers.count == folds.count)
    var ratios = [[[Float]]](repeating: [], count: layout.count)
    for (fold, purifier) in zip(folds, purifiers) {
      let units = averages(of: fold.training, purifier: purifier)
      for block in 0..<layout.count { ratios[block].append([]) }
      for residuals in residuals(of: fold.heldOut, purifier: purifier) {
        for block in 0..<layout.count {
          if let residual = residuals[block] { ratios[block][ratios[block].count - 1].append(residual / units[block]) }
        }
      }
    }
    let rate = final.gate == nil ? falseAlarmRate : falseAlarmRate / 2
    return zip(ratios, averages(of: training, purifier: final)).map { ratios, unit in
      min(OrderStatistic.limit(ofRuns: ratios, falseAlarmRate: rate) * unit, .greatestFiniteMagnitude)
    }
  }

  /// The blocks of a run that are suspect by limits from the runs before it and models that were trained without it: so many
  /// are to be expected of rows that come later.
  ///
  /// - Parameters:
  ///   - run: The fold whose held-out rows are judged; not the first.
  ///   - manifolds: A fold's manifold each.
  /// - Returns: For each agent whether it is suspect in each row, in order; nil where it is missing.
  public func suspects(inRun run: Int, manifolds: [any Manifold]) -> [[Bool?]] {
    let earlier = Array(0..<run)
    let apart = Calibrator(layout: layout, folds: earlier.map { folds[$0] }, falseAlarmRate: falseAlarmRate)
    let limits = apart.gateLimits()
    func purifier(_ fold: Int) -> GatedPurifier {
      GatedPurifier(
        purifier: Purifier(manifold: manifolds[fold]),
        gate: EmbeddingGate(profiles: folds[fold].profiles, limits: limits))
    }
    let final = purifier(run)
    let residualLimits = apart.residualLimits(
      purifiers: earlier.map(purifier), final: final, training: folds[run].training)
    let heldOut = folds[run].heldOut
    let (purification, passage) = final.purify(heldOut)
    return (0..<layout.count).map { block in
      (0..<heldOut.samples).map { sample in
        guard heldOut.isObserved(block: block, of: sample) else { return nil }
        let isOutside = passage?.outside[sample * layout.count + block] ?? false
        return isOutside || purification.reports[sample].residuals[block] ?? 0 > residualLimits[block]
      }
    }
  }

  /// δ of Eq. 6: what Σ_i ‖[D(E(l)) − l]_i‖₂ of clean embeddings stays under.
  ///
  /// - Parameters:
  ///   - manifolds: A fold's manifold each.
  ///   - final: The manifold that the bound is for.
  ///   - training: The embeddings that `final` was fitted to.
  ///   - rate: How many of the errors are to be under the bound.
  ///   - confidence: How sure that is to be.
  /// - Returns: Nil without held-out rows of which every agent was heard.
  public func reconstructionBound(
    manifolds: [any Manifold], final: any Manifold, training: Observation, rate: Double = 0.99,
    confidence: Double = 0.95
  ) -> ErrorBound? {
    precondition(manifolds.count == folds.count)
    let ratios = zip(folds, manifolds).flatMap { fold, manifold in
      let unit = meanError(errors(of: spread(complete(fold.training)), manifold), manifold)
      return errors(of: complete(fold.heldOut), manifold).map { $0 / unit }
    }
    let unit = meanError(errors(of: spread(complete(training)), final), final)
    guard var bound = OrderStatistic.upperBound(of: ratios, rate: rate, confidence: confidence) else { return nil }
    bound.value *= unit
    return bound
  }

  /// Σ_i ‖[D(E(l)) − l]_i‖₂ of each row.
  private func errors(of clean: Observation, _ manifold: any Manifold) -> [Double] {
    let embeddings = clean.embeddings
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

  /// Each sample's residuals, nil of a block that is missing.
  private func residuals(of clean: Observation, purifier: GatedPurifier) -> [[Float?]] {
    purifier.purify(clean).purification.reports.map(\.residuals)
  }

  /// The mean residual of each agent, kept off 0.
  private func averages(of clean: Observation, purifier: GatedPurifier) -> [Float] {
    let all = residuals(of: spread(clean), purifier: purifier)
    let floor = 1e-6 * max(purifier.purifier.manifold.blockScale, 1e-6)
    return (0..<layout.count).map { block in
      let own = all.compactMap { $0[block] }
      return max(Float(own.reduce(0.0) { $0 + Double($1) } / Double(max(1, own.count))), floor)
    }
  }

  private func spread(_ clean: Observation) -> Observation {
    guard clean.samples > Self.averagedRows else { return clean }
    return clean.selecting((0..<Self.averagedRows).map { $0 * clean.samples / Self.averagedRows })
  }

  /// The samples of which every agent was heard: of the others D(E(l)) is not known.
  private func complete(_ clean: Observation) -> Observation {
    clean.isComplete ? clean : clean.selecting((0..<clean.samples).filter { clean.isComplete(sample: $0) })
  }

  private func slice(_ block: Int, row: Int) -> Range<Int> {
    let start = row * layout.totalWidth
    return start + layout[block].lowerBound..<start + layout[block].upperBound
  }
}
