internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import Foundation

extension ExtractorStage {
  /// Extractors and fusion model, trained jointly; agents learn from ∂ℓ/∂h_i alone.
  ///
  /// - Parameters:
  ///   - purpose: The name of this training among those by the same settings.
  ///   - epochs: Passes over the rows; nil for as many as the settings say.
  /// - Throws: As ``TrainingAgents/train(_:center:progress:)``.
  package func trainJointly(
    on rows: TrainingRows, purpose: String, seed: UInt64, epochs: Int? = nil,
    report: @escaping TrainingProgress.Report
  ) async throws -> TrainedExtractors {
    let rows = rows.believed
    var generator = SeededGenerator(seed: seed, purpose: JointJob.purpose)
    let (classes, widths) = (rows.classNames.count, rows.roster.layout.widths)
    let layout = training.embeddingLayout(agents: rows.roster.count)
    // The agents' first weights are drawn by them; they come first in the sequence.
    for width in widths { AgentTraining.skipWeights(training, inputs: width, using: &generator) }
    let fusion = training.fusionNetwork(inputs: layout.totalWidth, classes: classes, using: &generator)
    var jointly = JointTraining(layout: layout, loss: ClassificationLoss(classes: classes))
    jointly.classWeights = training.classWeights(of: rows.labels, classes: classes)
    jointly.agentDropout = training.agentDropout
    jointly.hasAgentHeads = training.agentHeads
    jointly.exchange = training.jointExchange
    if rows.presence.contains(false) { jointly.presence = BlockPresence(layout: layout, flags: rows.presence) }
    let job = JointJob(
      name: try name(of: purpose), training: training, seed: seed, rows: rows.numbers,
      isHeard: (0..<rows.roster.count).map { rows.isHeard($0) },
      lies: rows.roster.agents.map { training.attack?.lie(of: $0) })
    let epochs = epochs ?? training.epochs
    let (agents, center) = try await rows.agents.train(
      job,
      center: JointTrainingCenter(
        jointly, fusion: fusion, labels: rows.labels, optimizer: training.jointOptimizer(rows: rows.count),
        epochs: epochs, batch: training.batch, using: &generator)
    ) {
      report(TrainingProgress(stage: "extractors and fusion model", completed: $0, total: epochs, loss: $1))
    }
    let model = FusionModel(network: center.fusion, classes: classes)
    guard training.equalEnergy else { return TrainedExtractors(agents: agents, fusion: model) }
    let scales = EqualEnergy.scales(of: try await rows.observed(by: agents, areVoters: false))
    return TrainedExtractors(
      agents: try await agents.scaling(by: scales.map { 1 / $0 }),
      fusion: EqualEnergy.apply(scales, fusion: model, layout: layout))
  }

  /// A name that tells a joint training from those by other settings.
  private func name(of purpose: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let digest = SHA256Digest.hexadecimal(of: try encoder.encode(training))
    return "\(purpose), \(digest.prefix(8))"
  }
}
