internal import CopurCore
internal import CopurLearning
public import CopurNumerics
internal import Foundation

extension PixelPartition {
  /// One submodel in training.
  private final class Worker {
    var submodel: Submodel
    var optimizer: Optimizer
    let numbers: [Int]
    var input = Matrix(rows: 0, columns: 0)
    var outputs: [Matrix] = []
    var loss = 0.0

    init(submodel: Submodel, optimizer: Optimizer, numbers: [Int]) {
      self.submodel = submodel
      self.optimizer = optimizer
      self.numbers = numbers
    }
  }

  /// Submodels with first weights, not trained.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a setting breaks its rule.
  public init(_ settings: PartitionSettings) throws {
    try settings.validate()
    let parts = settings.parts
    let submodels = parts.enumerated().map { index, part in
      var generator = SeededGenerator(seed: settings.seed, purpose: "first weights of submodel \(index)")
      let inputs = part.pixels.count * settings.shape.channels
      return Submodel(widths: [inputs] + settings.hidden + [settings.classes], using: &generator)
    }
    try self.init(
      shape: settings.shape, classes: settings.classes, parts: parts, sharpness: settings.sharpness,
      submodels: submodels)
  }

  /// Trains a partition: all submodels in steps on the same rows, each with its own optimiser.
  ///
  /// The result has the same bits on any number of cores.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - labels: The class of each.
  ///   - progress: Called after each epoch with its number, from 1, and the mean loss: of the worst case, or else the mean
  ///     cross-entropy of a submodel.
  /// - Throws: ``CopurError`` if a setting breaks its rule, or rows and labels do not fit; `CancellationError` if the task is
  ///   cancelled; `NumericsError` if the loss stops being finite.
  public static func trained(
    _ settings: PartitionSettings, on pictures: Matrix, labels: [Int], progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> PixelPartition {
    var partition = try PixelPartition(settings)
    try settings.shape.check(pictures, labels: labels, classes: settings.classes)
    let workers = partition.submodels.enumerated().map { index, submodel in
      var optimizer = Optimizer(.adam(), learningRate: settings.rate)
      optimizer.weightDecay = settings.weightDecay
      return Worker(
        submodel: submodel, optimizer: optimizer, numbers: numbers(partition.parts[index], of: settings.shape))
    }
    let vote = WorstCaseVote(
      classes: settings.classes, agents: partition.agents, turned: settings.turned ?? 0,
      sharpness: settings.sharpness, ownWeight: settings.turned == nil ? 1 : settings.ownWeight)
    let steps = (labels.count + settings.batch - 1) / settings.batch
    var generator = SeededGenerator(seed: settings.seed, purpose: "orders of a partition's training")
    for epoch in 0..<settings.epochs {
      let order = generator.permutation(labels.count)
      var total = 0.0
      for step in 0..<steps {
        try Task.checkCancellation()
        let rows = order[step * settings.batch..<min((step + 1) * settings.batch, order.count)]
        let progress = (Double(epoch * steps + step) + 0.5) / Double(settings.epochs * steps)
        let rate = settings.rate * share(progress)
        total += run(
          workers, vote, isJoint: settings.turned != nil, pictures: pictures, rows: rows,
          labels: rows.map { Int32(labels[$0]) }, rate: rate)
      }
      let mean = Float(total / Double(labels.count))
      guard mean.isFinite else {
        throw NumericsError("the loss is \(mean) in epoch \(epoch + 1): the learning rate is too large")
      }
      progress(epoch + 1, mean)
    }
    partition.submodels = workers.map(\.submodel)
    return partition
  }

  /// The share of the largest step size at a point of the training, from 0 to 1.
  private static func share(_ progress: Double) -> Float {
    let rise = 0.1
    if progress < rise { return Float(progress / rise) }
    return Float((1 + cos(Double.pi * (progress - rise) / (1 - rise))) / 2)
  }

  /// One step.
  ///
  /// - Returns: The sum over the rows of what `progress` reports the mean of.
  private static func run(
    _ workers: [Worker], _ vote: WorstCaseVote, isJoint: Bool, pictures: Matrix, rows: ArraySlice<Int>,
    labels: [Int32], rate: Float
  ) -> Double {
    let (counted, width) = (rows.count, (rows.count + 15) / 16 * 16)
    // Columns that fill up are of class 0 and count for nothing.
    let labels = labels + [Int32](repeating: 0, count: width - counted)
    let size = vote.classes * width
    func forward(_ worker: Worker) {
      worker.input = gather(pictures, rows: rows, numbers: worker.numbers)
      worker.outputs = worker.submodel.outputs(worker.input)
    }
    func backward(_ index: Int, shares: Matrix?, coupling: WorstCaseVote.Coupling?) {
      let worker = workers[index]
      guard let logits = worker.outputs.last else { return }
      let (gradient, loss) = vote.gradient(
        of: index, plain: ClassShares.shares(logits, sharpness: 1), shares: shares, coupling: coupling, labels: labels,
        counted: counted)
      worker.optimizer.learningRate = rate
      worker.submodel.update(
        input: worker.input, outputs: worker.outputs, logitGradient: gradient, with: &worker.optimizer)
      worker.loss = loss
    }
    guard isJoint else {
      Parallel.perform(workers.count) { index in
        forward(workers[index])
        backward(index, shares: nil, coupling: nil)
      }
      return workers.reduce(0) { $0 + $1.loss } / Double(workers.count)
    }
    let shares = Matrix(rows: workers.count * vote.classes, columns: width) { shares in
      guard let shares = shares.baseAddress else { return }
      Parallel.perform(workers.count) { index in
        forward(workers[index])
        if let logits = workers[index].outputs.last {
          ClassShares.write(logits, sharpness: vote.sharpness, to: shares + index * size)
        }
      }
    }
    let coupling = vote.couple(shares, labels: labels, cores: Parallel.cores)
    Parallel.perform(workers.count) { backward($0, shares: shares, coupling: coupling) }
    return coupling.losses[..<counted].reduce(0.0) { $0 + Double($1) }
  }
}
