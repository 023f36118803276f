public import CopurNumerics

/// A dense network with targets, whose training may leave rows out by one of the rules of Liu's thesis, chapter 4.
public struct SupervisedNetwork: SelectableModel {
  /// The targets of rows, and the loss that goes with them.
  public enum Targets: Sendable {
    /// A class a row, from 0, with its number of classes: cross-entropy.
    case classes([Int], count: Int)
    /// A vector a row: ½‖ŷ − y‖².
    case vectors(Matrix)
    /// A vector a row: Huber's loss of each coordinate, quadratic up to δ = 1 and linear beyond.
    case huber(Matrix)
    /// A class a row, drawn towards the class that the network says itself, z (hard bootstrap, Reed et al. 2015, Eq. 7):
    /// cross-entropy with α·y + (1 − α)·z.
    case bootstrap([Int], count: Int, keeping: Float)
  }

  /// The measures of doubt about a row.
  public enum Doubt: Hashable, Sendable {
    /// By its loss: trimmed loss, self-paced learning, co-teaching.
    case loss
    /// By ‖∂ℓ/∂output‖₂: PRL(L), thesis, Algorithm 4.
    case outputGradient
    /// By ‖∂ℓ/∂parameters‖₂: PRL(G), thesis, Algorithm 3.
    case parameterGradient
  }

  /// The rows, [n, d].
  private let inputs: Matrix
  private let targets: Targets
  private let doubt: Doubt
  /// The longest that a row's own gradient by the output may be; a longer one is scaled down. Nil for any.
  private let clip: Float?
  private let inner: InnerStep?
  /// The network as it is.
  public private(set) var network: DenseNetwork
  private var optimizer: Optimizer

  /// A step against the network before each step of the training, so that no small change of the inputs decides (thesis,
  /// Algorithm 6, Eq. 5.5): c = τ·sign(∂ℓ/∂x), taken on the rows that are trusted.
  public struct InnerStep: Hashable, Sendable {
    /// τ, over 0.
    public var size: Float
    /// Whether all rows of a mini-batch share one c, the sign of the sum of their gradients' signs: the closer model of a
    /// trigger that is the same everywhere. Eq. 5.5 is printed so; Algorithm 6 reads as one c a row.
    public var isShared: Bool
    /// The columns that change, such as one agent's block; nil for all.
    public var columns: Range<Int>?
    /// The range that inputs are in.
    public var range: ClosedRange<Float>

    /// - Parameters:
    ///   - size: τ, over 0.
    ///   - isShared: Whether all rows of a mini-batch share one c.
    ///   - columns: The columns that change; nil for all.
    ///   - range: The range that inputs are in.
    public init(size: Float, isShared: Bool = false, columns: Range<Int>? = nil, range: ClosedRange<Float> = 0...1) {
      precondition(size > 0)
      self.size = size
      self.isShared = isShared
      self.columns = columns
      self.range = range
    }
  }

  /// - Parameters:
  ///   - network: The network to start from.
  ///   - inputs: [n, inputWidth].
  ///   - doubt: How doubtful a row is.
  ///   - clip: The longest that a row's own gradient by the output may be; nil for any.
  ///   - inner: A step against the network before each step of the training; nil for none.
  public init(
    _ network: DenseNetwork, inputs: Matrix, targets: Targets, doubt: Doubt, clip: Float? = nil,
    inner: InnerStep? = nil, optimizer: Optimizer
  ) {
    self.inner = inner
    self.network = network
    self.inputs = inputs
    self.targets = targets
    self.doubt = doubt
    self.clip = clip
    self.optimizer = optimizer
  }

  /// Each row's loss, and its gradient by the output, not divided by n.
  private func losses(_ output: Matrix, of rows: [Int]) -> (values: [Float], gradient: Matrix) {
    switch targets {
    case .classes(let labels, let count):
      return ClassificationLoss(logits: output.columns, classes: count).ofEachRow(
        output, labels: rows.map { labels[$0] })
    case .vectors(let all):
      return ReconstructionLoss.ofEachRow(output, against: all.selecting(rows: rows))
    case .huber(let all):
      var gradient = output
      gradient.add(all.selecting(rows: rows), scale: -1)
      var values = [Float](repeating: 0, count: rows.count)
      for row in rows.indices {
        for column in 0..<gradient.columns {
          let gap = gradient[row, column]
          values[row] += abs(gap) <= 1 ? gap * gap / 2 : abs(gap) - 0.5
          gradient[row, column] = min(max(gap, -1), 1)
        }
      }
      return (values, gradient)
    case .bootstrap(let labels, let count, let keeping):
      let loss = ClassificationLoss(logits: output.columns, classes: count)
      let given = rows.map { labels[$0] }
      var (values, gradient) = loss.ofEachRow(output, labels: given)
      let own = loss.ofEachRow(output, labels: loss.labels(of: output))
      for index in gradient.values.indices {
        gradient.values[index] = keeping * gradient.values[index] + (1 - keeping) * own.gradient.values[index]
      }
      for index in values.indices { values[index] = keeping * values[index] + (1 - keeping) * own.values[index] }
      return (values, gradient)
    }
  }

  /// Squared doubts, of which the order is the same.
  private func doubts(_ trace: DenseNetwork.Trace, _ losses: (values: [Float], gradient: Matrix)) -> [Float] {
    switch doubt {
    case .loss: losses.values
    case .outputGradient: losses.gradient.rowSquares
    case .parameterGradient: network.gradientSquares(trace, outputGradient: losses.gradient)
    }
  }

  public func doubts(about rows: [Int]) -> [Float] {
    let trace = network.trace(inputs.selecting(rows: rows))
    return doubts(trace, losses(trace.output, of: rows))
  }

  public mutating func step(on rows: [Int], seed: UInt64) -> Float {
    let trace = network.trace(moved(rows, kept: rows.count))
    return step(trace, losses(trace.output, of: rows), kept: nil)
  }

  /// The inputs of rows after the inner step.
  private func moved(_ rows: [Int], kept: Int) -> Matrix {
    var moved = inputs.selecting(rows: rows)
    guard let inner else { return moved }
    let trace = network.trace(moved)
    let losses = losses(trace.output, of: rows)
    let trusted = kept < rows.count ? RowSelection.least(doubts(trace, losses), kept: kept) : Array(rows.indices)
    let slopes = network.backward(trace, outputGradient: losses.gradient).input
    let columns = inner.columns ?? 0..<slopes.columns
    func sign(_ value: Float) -> Float { value > 0 ? 1 : value < 0 ? -1 : 0 }
    for column in columns {
      let shared = inner.isShared ? sign(trusted.reduce(0) { $0 + sign(slopes[$1, column]) }) : 0
      for row in trusted {
        let change = inner.size * (inner.isShared ? shared : sign(slopes[row, column]))
        moved[row, column] = min(max(moved[row, column] + change, inner.range.lowerBound), inner.range.upperBound)
      }
    }
    return moved
  }

  public mutating func step(onLeastDoubted kept: Int, of rows: [Int], seed: UInt64) -> Float {
    let trace = network.trace(moved(rows, kept: kept))
    let losses = losses(trace.output, of: rows)
    guard kept < rows.count else { return step(trace, losses, kept: nil) }
    return step(trace, losses, kept: RowSelection.least(doubts(trace, losses), kept: kept))
  }

  /// - Parameter kept: The places that count; nil for all.
  private mutating func step(
    _ trace: DenseNetwork.Trace, _ losses: (values: [Float], gradient: Matrix), kept: [Int]?
  ) -> Float {
    let kept = kept ?? Array(losses.values.indices)
    var gradient = losses.gradient.selecting(rows: kept)
    if let clip {
      for (row, square) in gradient.rowSquares.enumerated() where square > clip * clip {
        let factor = clip / square.squareRoot()
        for column in 0..<gradient.columns { gradient[row, column] *= factor }
      }
    }
    let scale = 1 / Float(kept.count)
    gradient.values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] *= scale }
    }
    network.update(
      by: network.parameterGradient(kept.count == losses.values.count ? trace : trace.selecting(kept), gradient),
      with: &optimizer)
    return kept.reduce(0) { $0 + losses.values[$1] } * scale
  }
}
