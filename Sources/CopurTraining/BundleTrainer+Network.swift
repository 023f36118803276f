internal import CopurCore

extension BundleTrainer {
  /// The number of joint trainings that a bundle takes over the network: one on all rows, and for each way to train one in
  /// each run of rows that is held out, where any are; for a defence that is chosen those of the choice. A look through the
  /// rows takes none.
  public var jointTrainings: Int {
    guard protection == nil else { return ProtectionChoice.jointTrainings }
    return 1 + (isCalibrated ? (1 + training.alternatives.count) * HeldOutFold.count : 0)
  }

  /// Whether some of so many rows are held out, so that there is a score on them; it comes with the end of each training
  /// without them.
  public func holdsOut(ofRows rows: Int) -> Bool {
    let held = HeldOutFold.heldOutRows(of: rows, training)
    return protection != nil || isCalibrated && held >= 1 && rows - held >= 2
  }

  /// Checks that agents in processes of their own can train so.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` for what needs all features in one process, or the labels where the
  ///   features are.
  public func checkNetwork() throws {
    guard ([training] + training.alternatives).allSatisfy({ $0.extractor != .given })
    else {
      throw CopurError(
        .configuration,
        "over the network extractors are trained, and those that are given or imported are not: leave out --network")
    }
    guard ([training] + training.alternatives).allSatisfy(\.extractor.isJoint),
      protection == nil || training.hasVotersAtCenter
    else {
      throw CopurError(
        .configuration,
        "over the network agents get no labels, which their voters would learn from: have voters at the fusion center, with "
          + "`training: { voters: { at: center } }`, or train in one process")
    }
    guard training.robust?.views != .features else {
      throw CopurError(
        .configuration,
        "over the network training rows are looked through by embeddings, since features stay with the agents: have "
          + "`robust: { views: embeddings }`, or leave out --network")
    }
  }
}
