public import CopurNumerics

/// Joint training of extractors and fusion model (Chen et al. 2020, Algorithm 1; CoPur's supplement, section C.2,
/// "Unsecured"), with what makes agents redundant as options.
///
/// Each side is a value of its own, ``ExtractorTrainee`` and ``JointTrainingCenter``: this one plays both in one process,
/// whoever sends messages between them plays the same over a network.
public struct JointTraining: Sendable {
  /// The blocks of the embedding.
  public let layout: BlockLayout
  /// The loss that is minimized, over the fusion model's outputs.
  public let loss: ClassificationLoss
  /// The weight of a sample of each class; nil for 1 each.
  public var classWeights: [Float]?
  /// The probability with which a block is withheld from the fusion model in a step, each sample's and agent's by itself;
  /// from 0 to under 1. What remains has to be enough, so that no agent is the only one to know something.
  public var agentDropout: Float = 0
  /// Whether each agent's block also has a head of its own, one affine layer that predicts from it alone. Its loss is
  /// added, so that every block says of the class what its agent can know. The heads stay at the fusion center and are
  /// dropped after training.
  public var hasAgentHeads = false
  /// The rows of which each agent said something; nil for all of all. In place of what an agent did not say the fusion model
  /// gets 0, as for a withheld block, and neither extractor nor head gets a gradient.
  public var presence: BlockPresence?
  /// The exchange of embeddings and gradients between agents and fusion center.
  public var exchange = JointExchange()

  /// Joint training without any of the options.
  public init(layout: BlockLayout, loss: ClassificationLoss) {
    self.layout = layout
    self.loss = loss
  }

  /// Trains extractors and fusion model.
  ///
  /// - Parameters:
  ///   - agents: The agents' sides, in the order of the blocks.
  ///   - fusion: The fusion model to start from; its input is as wide as all blocks together.
  ///   - labels: n classes, from 0, which the fusion center alone knows.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The extractors and the fusion model after the last step.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public func train(
    agents: [ExtractorTrainee], fusion: DenseNetwork, labels: [Int], optimizer: Optimizer, epochs: Int, batch: Int,
    using generator: inout SeededGenerator, progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> (extractors: [Network], fusion: DenseNetwork) {
    var (agents, center) = (
      agents,
      JointTrainingCenter(
        self, fusion: fusion, labels: labels, optimizer: optimizer, epochs: epochs, batch: batch, using: &generator)
    )
    try Self.run(&agents, &center, exchange: exchange, progress: progress)
    return (agents.map(\.network), center.fusion)
  }

  /// Plays both sides in one process; in asynchronous training the agents take turns.
  ///
  /// - Parameters:
  ///   - agents: The agents' sides, in the order of the blocks; as they are after the last step.
  ///   - center: The fusion center's side; as it is after the last step.
  ///   - exchange: What both are set by.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func run(
    _ agents: inout [ExtractorTrainee], _ center: inout JointTrainingCenter, exchange: JointExchange,
    progress: (Int, Float) -> Void
  ) throws {
    let layout = center.layout
    precondition(agents.count == layout.count)
    switch exchange.mode {
    case .synchronous:
      while let rows = center.nextRows() {
        if center.isAtEpochStart { try Task.checkCancellation() }
        var embeddings = Matrix(rows: rows.count, columns: layout.totalWidth)
        for index in agents.indices { embeddings.replaceColumns(layout[index], with: agents[index].embed(rows: rows)) }
        let (slopes, epoch) = try center.step(embeddings, of: rows)
        for index in agents.indices { agents[index].receive(gradient: slopes.columns(layout[index])) }
        if let epoch { progress(epoch.number, epoch.loss) }
      }
    case .asynchronous:
      var turn = 0
      while let rows = center.nextRows(of: turn) {
        let (slope, epoch) = try center.step(agents[turn].embed(rows: rows), of: rows, from: turn)
        agents[turn].receive(gradient: slope)
        if let epoch {
          try Task.checkCancellation()
          progress(epoch.number, epoch.loss)
        }
        turn = (turn + 1) % agents.count
      }
    }
  }
}
