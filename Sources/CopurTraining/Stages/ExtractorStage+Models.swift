internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension ExtractorStage {
  /// Models that are given as extractors, as they are; and their fusion model, or one that is trained on their embeddings where
  /// there is none.
  ///
  /// - Throws: ``CopurError`` if they do not fit the data; what training a fusion model throws.
  func takeModels(
    on rows: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> TrainedExtractors {
    let roster = rows.roster
    guard let agents = rows.agents as? DatasetAgents,
      let (models, origin) = try training.given?.models(for: roster.agents)
    else {
      throw CopurError(.configuration, "models that are given embed rows whose features are in this process")
    }
    let places = roster.agents.compactMap(models.roster.index(of:))
    let extractors = places.map { models.extractors[$0] }
    for (index, extractor) in extractors.enumerated() where extractor.inputWidth != roster.layout.widths[index] {
      throw CopurError(
        .configuration,
        "the extractor of \"\(roster.agents[index])\" in \(origin) takes \(extractor.inputWidth) features (the data "
          + "set's: \(roster.layout.widths[index]))")
    }
    let trained = DatasetAgents.Trained(agents: agents, extractors: extractors)
    guard let fusion = models.fusion else {
      let total = training.epochs
      let fusion = try trainFusion(
        on: try await rows.observed(by: trained, areVoters: false), of: rows,
        purpose: "fusion model of imported extractors", seed: seed
      ) { report(TrainingProgress(stage: "fusion model", completed: $0, total: total, loss: $1)) }
      return TrainedExtractors(agents: trained, fusion: fusion)
    }
    let ordered = fusion.reorderingInputs(places.flatMap { Array(models.roster.layout[$0]) })
    let classes = rows.classNames.count
    return TrainedExtractors(
      agents: trained,
      fusion: FusionModel(network: try ordered.logits(classes: classes, of: origin), classes: classes))
  }
}

extension TrainingSettings {
  /// - Throws: ``CopurError`` of code `.configuration` if the fusion model behind models that are given would be too large.
  func checkModelWidths(agents: Int) throws {
    let width = embeddingWidth(agents: agents) ?? 0
    let widest = max(width.multipliedReportingOverflow(by: hidden).partialValue, batch * max(width, hidden))
    guard widest <= Self.weightLimit else {
      throw CopurError(
        .configuration,
        "the embedding of all agents × hidden, and batch × the wider of both, are at most \(Self.weightLimit) (actual: "
          + "embedding \(width), hidden \(hidden), batch \(batch))")
    }
  }
}

extension DenseNetwork {
  /// The network that takes its inputs in another order.
  ///
  /// - Parameter order: For each input the place that it has in this network's.
  fileprivate func reorderingInputs(_ order: [Int]) -> DenseNetwork {
    var layers = layers
    layers[0].weights = Matrix(
      rows: order.count, columns: layers[0].weights.columns, values: order.flatMap { Array(layers[0].weights[row: $0]) }
    )
    return DenseNetwork(layers: layers)
  }

  /// The network with the logits of a ``FusionModel``: for two classes one, the second's less the first's.
  fileprivate func logits(classes: Int, of folder: String) throws -> DenseNetwork {
    let wanted = ClassificationLoss(classes: classes).logits(classes: classes)
    if outputWidth == wanted { return self }
    var layers = layers
    let last = layers.count - 1
    guard classes == 2, outputWidth == 2, layers[last].activation == .identity else {
      throw CopurError(
        .configuration,
        "the fusion model of \(folder) gives \(classes == 2 ? "1 or 2 logits" : "\(classes) logits, one a class") (actual: "
          + "\(outputWidth))")
    }
    let weights = layers[last].weights
    layers[last] = DenseLayer(
      weights: Matrix(
        rows: weights.rows, columns: 1, values: (0..<weights.rows).map { weights[$0, 1] - weights[$0, 0] }),
      bias: [layers[last].bias[1] - layers[last].bias[0]], activation: .identity)
    return DenseNetwork(layers: layers)
  }
}
