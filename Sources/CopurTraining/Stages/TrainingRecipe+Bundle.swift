internal import CopurCore
internal import CopurNumerics
internal import CopurPurification

extension TrainingRecipe {
  /// The results of the stages, put together.
  func bundle(
    of rows: TrainingRows, seed: UInt64, extractors: TrainedExtractors, embedded: EmbeddedRows,
    manifold: any Manifold, models: FusionModels, limits: (calibration: Calibration, record: CalibrationRecord)
  ) throws -> ModelBundle {
    let (roster, clean) = (rows.roster, embedded.observation)
    var manifest = BundleManifest(
      name: name,
      agents: roster.agents.enumerated().map { index, agent in
        .init(
          name: agent, features: roster.layout.widths[index], embedding: clean.layout.widths[index],
          geometry: roster.geometries[index], columns: rows.columns?[index])
      },
      classes: rows.classNames, seed: seed, candidates: [], leverage: try leverage(of: manifold),
      calibration: limits.record,
      settings: .object([
        "training": try JSONValue(encoding: training), "manifold": try JSONValue(encoding: self.manifold),
      ]),
      dataset: source, datasetDigest: rows.digest)
    manifest.computedWith = "\(ComputeKernel.library), kernel \(ComputeKernel.current)"
    manifest.silent = rows.silence.share == nil ? nil : rows.silence
    let unheard = roster.agents.enumerated().filter { clean.samples(observing: $0.offset).isEmpty }.map(\.element)
    manifest.unheard = unheard.isEmpty ? nil : unheard
    manifest.longestRun = Self.longestRun(of: rows.labels)
    return try ModelBundle(
      manifest: manifest, extractors: extractors.agents.extractors, manifold: manifold,
      jointModel: extractors.fusion, purifiedModel: models.purified, calibration: limits.calibration,
      furtherModels: models.further, centerVoters: models.centerVoters)
  }

  /// The most consecutive labels that are equal.
  private static func longestRun(of labels: [Int]) -> Int {
    var (longest, length) = (0, 0)
    for row in labels.indices {
      length = row > 0 && labels[row] == labels[row - 1] ? length + 1 : 1
      longest = max(longest, length)
    }
    return longest
  }

  private func leverage(of manifold: any Manifold) throws -> [LeverageConstant] {
    guard let affine = manifold as? any AffineManifold else { return [] }
    return try LeverageAnalysis(directions: affine.directions, layout: manifold.layout).constants()
  }
}

extension ModelBundle {
  /// The bundle with more in its description.
  func describing(_ change: (inout BundleManifest) -> Void) throws -> ModelBundle {
    var manifest = manifest
    change(&manifest)
    return try ModelBundle(manifest: manifest, parts: parts)
  }
}
