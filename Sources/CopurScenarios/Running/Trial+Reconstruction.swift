internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics
internal import CopurReports

extension Trial {
  /// ‖D(E(l̂)) − D(E(l*))‖₂ over the samples (CoPur, figures 4 and 5).
  ///
  /// A distance beyond single precision counts as the largest number of that precision.
  ///
  /// - Parameter clean: l*, all agents' honest embeddings of the same samples. Samples of which an agent has no reading, and
  ///   so l* is not known, are left out.
  /// - Returns: Nil if the defence recovers no embeddings, or there is no sample to compare.
  func reconstructionError(clean: Observation) -> ReconstructionError? {
    guard let defense = defense as? any RecoveringDefense else { return nil }
    let whole = (0..<clean.samples).filter { clean.isComplete(sample: $0) }
    guard !whole.isEmpty || clean.samples == 0 else { return nil }
    let isWhole = whole.count == clean.samples
    let recovered = defense.recover(isWhole ? received : received.selecting(whole))
    let reference = defense.manifold.project(isWhole ? clean.embeddings : clean.embeddings.selecting(rows: whole))
    let limit = Double(Float.greatestFiniteMagnitude)
    return ReconstructionError(
      of: (0..<recovered.rows).map { row in
        let square = (0..<recovered.columns).reduce(0.0) { sum, column in
          let gap = Double(recovered[row, column]) - Double(reference[row, column])
          return sum + gap * gap
        }
        return square.isFinite ? min(square.squareRoot(), limit) : limit
      })
  }
}
