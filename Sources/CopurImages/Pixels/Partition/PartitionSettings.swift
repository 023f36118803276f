internal import CopurCore
public import CopurLearning

/// The settings of a ``PixelPartition`` and its training.
public struct PartitionSettings: Hashable, Sendable, Codable {
  /// A picture's extents.
  public var shape: ImageShape
  /// The number of classes; at least 2.
  public var classes: Int
  /// The pixels of each agent, disjoint; one list of all for a picture of one owner.
  public var agents: [[Int]]
  /// The number of submodels of each agent.
  public var counts: [Int]
  /// The way in which an agent's pixels are dealt to its submodels.
  public var dealing = PixelPart.Dealing.strided
  /// The width of each hidden layer of a submodel.
  public var hidden = [128, 64]
  /// Passes over the rows.
  public var epochs = 8
  /// Rows a step.
  public var batch = 256
  /// The largest step size of Adam, which grows over the first tenth of the training and then falls to 0 along a cosine.
  public var rate: Float = 3e-3
  /// The share of itself, times the step size, that a parameter loses in a step.
  public var weightDecay: Float = 1e-3
  /// ρ of the attacker that the training is against: submodels of one agent that are turned (``WorstCaseVote``); nil to
  /// train each submodel by itself.
  public var turned: Int?
  /// The weight of the submodels' own cross-entropies beside the loss of the worst case.
  public var ownWeight: Float = 0.5
  /// One over the temperature of the softmax that the worst case is of, and that ``PixelPartition/Rule/sum`` adds.
  public var sharpness: Float = 2
  /// The seed of parts, first weights and orders.
  public var seed: UInt64 = 0

  /// Submodels for several agents.
  ///
  /// - Parameters:
  ///   - agents: The pixels of each agent, disjoint.
  ///   - counts: How many submodels each agent has, at most one a pixel.
  ///   - turned: ρ of the attacker that the training is against; nil to train each submodel by itself.
  public init(shape: ImageShape, classes: Int, agents: [[Int]], counts: [Int], turned: Int? = nil) {
    self.shape = shape
    self.classes = classes
    self.agents = agents
    self.counts = counts
    self.turned = turned
  }

  /// Submodels for the whole picture.
  ///
  /// - Parameters:
  ///   - submodels: T.
  ///   - turned: ρ of the attacker that the training is against; nil to train each submodel by itself.
  public init(shape: ImageShape, classes: Int, submodels: Int, turned: Int? = nil) {
    // A picture of other extents has no pixels here, which `validate()` says.
    let pixels = (1...Architecture.widthLimit).contains(shape.pixelCount) ? shape.pixelCount : 0
    self.init(
      shape: shape, classes: classes, agents: [Array(0..<pixels)], counts: [submodels], turned: turned)
  }

  /// - Throws: ``CopurError`` of code `.invalidArgument` if a setting breaks its rule.
  public func validate() throws {
    func check(_ rule: String, _ actual: String, _ holds: Bool) throws {
      if !holds { throw CopurError(.invalidArgument, "\(rule) (actual: \(actual))") }
    }
    try PixelPartition.checkShape(shape, code: .invalidArgument)
    try check(
      "each agent has a number of submodels, from 1 to its pixels",
      "\(counts) for \(agents.map(\.count)) pixels",
      agents.count == counts.count && !agents.isEmpty && zip(agents, counts).allSatisfy { $1 >= 1 && $1 <= $0.count })
    try check("hidden layers are 1 to 65536 wide", "\(hidden)", hidden.allSatisfy { (1...65536).contains($0) })
    try check("a training has 0 epochs and up", "\(epochs)", epochs >= 0)
    try check("a step has 1 row and up", "\(batch)", batch >= 1)
    try check("a step size is above 0", "\(rate)", rate > 0 && rate.isFinite)
    try check("a weight decay is 0 and up", "\(weightDecay)", weightDecay >= 0 && weightDecay.isFinite)
    try check("0 turned submodels and up", "\(turned ?? 0)", (turned ?? 0) >= 0)
    try check("a weight is 0 and up", "\(ownWeight)", ownWeight >= 0 && ownWeight.isFinite)
    do {
      try PixelPartition.check(shape: shape, classes: classes, parts: parts, sharpness: sharpness)
    } catch let error as CopurError {
      throw CopurError(.invalidArgument, error.message)
    }
  }

  /// The pixels of each submodel.
  var parts: [PixelPart] { PixelPart.deal(agents, counts: counts, dealing, seed: seed) }
}
