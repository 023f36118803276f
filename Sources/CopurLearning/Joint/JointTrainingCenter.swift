public import CopurNumerics

/// The fusion center's side of joint training: the labels, the fusion model, and which rows come next.
///
/// In synchronous training a step has all agents' embeddings of the same rows. In asynchronous training it has those of one
/// agent, beside what each other agent sent last of these rows; its rate is the synchronous one over the number of agents, or
/// as many contacts as there are agents would be as many steps.
public struct JointTrainingCenter: Sendable {
  /// The mean loss of an epoch that is over.
  public typealias Epoch = (number: Int, loss: Float)

  private let training: JointTraining
  private let labels: [Int]
  /// How many passes over the rows there are.
  public let epochs: Int
  private let batch: Int
  /// The fusion model as it is now.
  public private(set) var fusion: DenseNetwork
  private var optimizer: Optimizer
  private var heads: [AgentHead] = []
  private var dropouts: SeededGenerator
  private var noise: SeededGenerator
  /// Of the whole training, or of each agent where each has an order of its own.
  private var orders: [RowOrder]
  /// What each agent sent last of each row, in asynchronous training.
  private var table: EmbeddingTable?
  /// Losses since the epoch began, each times its rows; and how many rows those are.
  private var total = 0.0
  private var rowsSeen = 0
  private var epoch = 0

  /// - Parameters:
  ///   - fusion: The fusion model to start from; its input is as wide as all blocks together.
  ///   - labels: n classes, from 0.
  ///   - epochs: Passes over the rows.
  ///   - batch: Rows a step; the last step of an epoch has what is left.
  public init(
    _ training: JointTraining, fusion: DenseNetwork, labels: [Int], optimizer: Optimizer, epochs: Int, batch: Int,
    using generator: inout SeededGenerator
  ) {
    precondition((0..<1).contains(training.agentDropout) && !labels.isEmpty && batch > 0)
    self.training = training
    self.labels = labels
    self.epochs = epochs
    self.batch = batch
    self.fusion = fusion
    self.optimizer = optimizer
    if training.hasAgentHeads {
      heads = training.layout.widths.map { width in
        AgentHead(width: width, logits: fusion.outputWidth, optimizer: optimizer, using: &generator)
      }
    }
    dropouts = SeededGenerator(seed: training.agentDropout > 0 ? generator.next() : 0)
    noise = SeededGenerator(seed: training.exchange.gradientNoise > 0 ? generator.next() : 0)
    switch training.exchange.mode {
    case .synchronous:
      orders = [RowOrder(generator: generator)]
    case .asynchronous:
      orders = (0..<training.layout.count).map { _ in RowOrder(generator: SeededGenerator(seed: generator.next())) }
      table = EmbeddingTable(layout: training.layout, rows: labels.count)
      self.optimizer.learningRate /= Float(training.layout.count)
    }
  }

  /// The blocks of the embedding.
  public var layout: BlockLayout { training.layout }

  /// How many batches an epoch has, each agent's where each has its own.
  public var batchesPerEpoch: Int { (labels.count + batch - 1) / batch }

  /// Epochs that are over.
  public var completedEpochs: Int { epoch }

  /// Whether no step of the current epoch has been taken.
  public var isAtEpochStart: Bool { rowsSeen == 0 }

  // MARK: Synchronous steps

  /// The rows of the next step; nil after the last.
  public mutating func nextRows() -> [Int]? {
    epoch < epochs ? orders[0].next(batch, of: labels.count) : nil
  }

  /// Takes a step on all agents' embeddings.
  ///
  /// - Parameters:
  ///   - embeddings: As the agents sent them, [rows, D].
  ///   - rows: What ``nextRows()`` gave.
  ///   - absent: Agents that have sent nothing; their blocks are missing.
  /// - Returns: ∂ℓ/∂h as agents get it, [rows, D]; and the epoch that ends with this step, if one does.
  /// - Throws: ``NumericsError`` if the epoch's loss is not finite.
  public mutating func step(
    _ embeddings: Matrix, of rows: [Int], without absent: Set<Int> = []
  ) throws -> (gradient: Matrix, epoch: Epoch?) {
    let layout = training.layout
    let received =
      absent.isEmpty ? nil : (0..<rows.count * layout.count).map { !absent.contains($0 % layout.count) }
    let kept = keptBlocks(rows: rows, received: received)
    let own = rows.map { labels[$0] }
    var (slopes, value) = learn(embeddings, kept: kept, labels: own)
    if training.hasAgentHeads {
      for block in 0..<layout.count where !absent.contains(block) {
        add(headSlope(embeddings.columns(layout[block]), block: block, rows: rows, labels: own), to: &slopes, at: block)
      }
    }
    var sent = slopes
    if training.exchange != JointExchange() {
      // Each agent's gradient is a message of its own.
      for block in 0..<layout.count {
        let message = training.exchange.sent(
          slopes.columns(layout[block]), noise: training.exchange.gradientNoise, using: &noise)
        sent.replaceColumns(layout[block], with: message)
      }
    }
    return (sent, try ended(rows.count, loss: value, of: labels.count))
  }

  // MARK: Asynchronous steps

  /// The rows of an agent's next contact; nil after the last contact of all.
  public mutating func nextRows(of block: Int) -> [Int]? {
    epoch < epochs ? orders[block].next(batch, of: labels.count) : nil
  }

  /// Takes a step on one agent's embeddings and what the others sent last.
  ///
  /// - Parameters:
  ///   - embeddings: As the agent sent them, [rows, d_i].
  ///   - rows: What ``nextRows(of:)`` gave it.
  ///   - block: The agent's.
  /// - Returns: ∂ℓ/∂h_i as the agent gets it, [rows, d_i]; and the epoch that ends with this step, if one does.
  /// - Throws: ``NumericsError`` if the epoch's loss is not finite.
  public mutating func step(
    _ embeddings: Matrix, of rows: [Int], from block: Int
  ) throws -> (gradient: Matrix, epoch: Epoch?) {
    guard table != nil else { preconditionFailure("a synchronous step has all agents' embeddings") }
    table?.store(embeddings, block: block, rows: rows, epoch: epoch)
    guard let (known, received) = table?.batch(rows, epoch: epoch, staleness: training.exchange.staleness) else {
      preconditionFailure("a table")
    }
    let own = rows.map { labels[$0] }
    let (slopes, value) = learn(known, kept: keptBlocks(rows: rows, received: received), labels: own)
    var slope = slopes.columns(training.layout[block])
    if training.hasAgentHeads {
      let head = headSlope(embeddings, block: block, rows: rows, labels: own)
      for position in slope.values.indices { slope.values[position] += head.values[position] }
    }
    let sent = training.exchange.sent(slope, noise: training.exchange.gradientNoise, using: &noise)
    return (sent, try ended(rows.count, loss: value, of: labels.count * training.layout.count))
  }

  /// Forgets what an agent sent, which is away: its blocks are missing until it sends again.
  public mutating func forget(_ block: Int) { table?.forget(block) }

  // MARK: Parts of a step

  /// Moves the fusion model along its gradient.
  ///
  /// - Returns: ∂ℓ/∂h before the first move, 0 for blocks that are not kept, and the loss there.
  private mutating func learn(_ embeddings: Matrix, kept: [Bool]?, labels: [Int]) -> (slopes: Matrix, loss: Float) {
    let inputs = kept.map { withholding($0, from: embeddings) } ?? embeddings
    var first: (Matrix, Float)?
    for _ in 0..<training.exchange.localSteps {
      let trace = fusion.trace(inputs)
      let (value, gradient) = training.loss(trace.output, labels: labels, classWeights: training.classWeights)
      let (slopes, parameters) = fusion.backward(trace, outputGradient: gradient)
      fusion.update(by: parameters, with: &optimizer)
      first = first ?? (slopes, value)
    }
    guard let (slopes, value) = first else { preconditionFailure("a contact has a step") }
    return (kept.map { withholding($0, from: slopes) } ?? slopes, value)
  }

  /// Moves an agent's head; ∂ℓ_i/∂h_i before.
  private mutating func headSlope(_ blocks: Matrix, block: Int, rows: [Int], labels: [Int]) -> Matrix {
    let places = training.presence.map { $0.places(of: block, in: rows) }
    var first: Matrix?
    for _ in 0..<training.exchange.localSteps {
      let slope = heads[block].learn(
        from: blocks, at: places, labels: labels, loss: training.loss, classWeights: training.classWeights)
      first = first ?? slope
    }
    return first ?? Matrix(rows: blocks.rows, columns: blocks.columns)
  }

  private func add(_ slope: Matrix, to slopes: inout Matrix, at block: Int) {
    let columns = training.layout[block]
    for row in 0..<slope.rows {
      for (place, column) in columns.enumerated() { slopes[row, column] += slope[row, place] }
    }
  }

  /// For each sample and block whether the fusion model gets it, [samples · blocks]; nil if it gets all.
  ///
  /// - Parameter received: Whether there is an embedding of it, in the same order; nil for all.
  private mutating func keptBlocks(rows: [Int], received: [Bool]?) -> [Bool]? {
    let (dropout, presence, layout) = (training.agentDropout, training.presence, training.layout)
    guard dropout > 0 || presence != nil || received?.contains(false) == true else { return nil }
    return (0..<rows.count * layout.count).map { place in
      let (sample, block) = place.quotientAndRemainder(dividingBy: layout.count)
      let isKept = dropout > 0 ? dropouts.uniform() >= Double(dropout) : true
      return isKept && presence?.has(block, of: rows[sample]) ?? true && received?[place] ?? true
    }
  }

  /// The matrix with 0 for the blocks that are not kept.
  private func withholding(_ kept: [Bool], from whole: Matrix) -> Matrix {
    var matrix = whole
    for (place, isKept) in kept.enumerated() where !isKept {
      let (sample, block) = place.quotientAndRemainder(dividingBy: training.layout.count)
      for column in training.layout[block] { matrix[sample, column] = 0 }
    }
    return matrix
  }

  private mutating func ended(_ rows: Int, loss: Float, of all: Int) throws -> Epoch? {
    total += Double(loss) * Double(rows)
    rowsSeen += rows
    guard rowsSeen >= all else { return nil }
    let mean = Float(total / Double(rowsSeen))
    (total, rowsSeen, epoch) = (0, 0, epoch + 1)
    guard mean.isFinite else {
      throw NumericsError("the loss is \(mean) in epoch \(epoch): the learning rate is too large")
    }
    return (epoch, mean)
  }

  // MARK: Checkpoints

  /// Everything that changes in training.
  public struct State: Sendable, Codable {
    fileprivate let fusion: [PackedNumbers]
    fileprivate let optimizer: Optimizer
    fileprivate let heads: [Head]
    fileprivate let dropouts: SeededGenerator
    fileprivate let noise: SeededGenerator
    fileprivate let orders: [RowOrder]
    fileprivate let table: EmbeddingTable?
    fileprivate let total: UInt64
    fileprivate let rowsSeen: Int
    fileprivate let epoch: Int

    fileprivate struct Head: Sendable, Codable {
      let parameters: [PackedNumbers]
      let optimizer: Optimizer
    }
  }

  /// Where the training is, between two steps.
  public var state: State {
    State(
      fusion: fusion.parameters.map(PackedNumbers.init), optimizer: optimizer,
      heads: heads.map {
        State.Head(parameters: $0.network.parameters.map(PackedNumbers.init), optimizer: $0.optimizer)
      }, dropouts: dropouts, noise: noise, orders: orders, table: table, total: total.bitPattern, rowsSeen: rowsSeen,
      epoch: epoch)
  }

  /// Goes back to where a training was.
  ///
  /// - Throws: ``ArchitectureError`` if the state is of another training.
  public mutating func restore(_ state: State) throws {
    guard state.heads.count == heads.count, state.orders.count == orders.count else {
      throw ArchitectureError("a state is of a training with as many heads and orders")
    }
    fusion = try fusion.with(parameters: state.fusion.map(\.values))
    optimizer = state.optimizer
    for (index, head) in state.heads.enumerated() {
      try heads[index].restore(head.parameters.map(\.values), head.optimizer)
    }
    (dropouts, noise, orders, table) = (state.dropouts, state.noise, state.orders, state.table)
    (total, rowsSeen, epoch) = (Double(bitPattern: state.total), state.rowsSeen, state.epoch)
  }
}
