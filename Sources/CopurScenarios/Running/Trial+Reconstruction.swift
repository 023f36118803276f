internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics
internal import CopurReports

extension Trial {
  /// ‖D(E(l̂)) − D(E(l*))‖₂ over the samples (CoPur, figures 4 and 5).
  ///
  /// A distance beyond single precision counts as the largest number of that precision.
  ///
  /// - Parameter clean: l*, all agents' honest embeddings of the same samples.
  /// - Returns: Nil if the defence recovers no embeddings.
  func reconstructionError(clean: Observation) -> ReconstructionError? {
    guard let defense = defense as? any RecoveringDefense else { return nil }
    let recovered = defense.recover(received)
    let reference = defense.manifold.project(clean.embeddings)
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
