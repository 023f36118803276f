public import CopurNumerics

/// The target of an attack as an attacker can ask it: for decisions, and in a white-box attack for gradients.
///
/// A ``FusionModel`` is the victim of an attacker that knows of no defence in front of it (as in CoPur's section 5). A
/// defence that is a victim itself is differentiated as a whole, the way an adaptive attacker does (Tramèr et al. 2020).
public protocol Victim: Sendable {
  /// The number of classes, at least 2.
  var classes: Int { get }
  /// Whether ``lossGradient(_:labels:seeds:)`` is one random draw, so that an attacker averages over several
  /// (expectation over transformation, Athalye et al. 2018).
  var isRandomized: Bool { get }
  /// The region that each block has to be in for the victim to use it; nil if it uses whatever is sent.
  var regions: [AcceptedRegion]? { get }
  /// Why the gradients are not those of the decisions; nil if they are.
  var gradientCaveat: String? { get }

  /// The evidence of a block for each class, where the victim reads each block by itself and a block harms the more the more
  /// it says for a class, whatever the others send: an attacker then needs no gradient to find what to send. Nil where the
  /// victim does not read so.
  ///
  /// - Parameters:
  ///   - block: Of the victim's layout.
  ///   - rows: What might be sent, [n, the block's width].
  /// - Returns: [n, ``classes``]; only differences within a row mean something.
  func evidence(of block: Int, in rows: Matrix) -> Matrix?

  /// The decisions that count.
  func decide(_ observation: Observation) -> [Decision]

  /// Each sample's cross-entropy with a given class, and its gradient with respect to what is received.
  ///
  /// - Parameters:
  ///   - observation: h and Ω, n samples.
  ///   - labels: n classes, from 0.
  ///   - seeds: n numbers from which a randomized victim draws for each sample, so that a draw does not depend on the
  ///     batch; others ignore them.
  func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient
}

extension Victim {
  public var isRandomized: Bool { false }
  public var regions: [AcceptedRegion]? { nil }
  public var gradientCaveat: String? { nil }
  public func evidence(of block: Int, in rows: Matrix) -> Matrix? { nil }

  /// The mean over draws if the victim is randomized, else its loss and gradient.
  ///
  /// - Parameters:
  ///   - draws: How many to average over; at least 1.
  ///   - seeds: n numbers; draw k of a sample has the seed + k.
  public func expectedLossGradient(
    _ observation: Observation, labels: [Int], draws: Int, seeds: [UInt64]
  ) -> LossGradient {
    precondition(draws >= 1)
    var sum = lossGradient(observation, labels: labels, seeds: seeds)
    guard isRandomized, draws > 1 else { return sum }
    for draw in 1..<draws {
      let next = lossGradient(observation, labels: labels, seeds: seeds.map { $0 &+ UInt64(draw) })
      sum.gradient.add(next.gradient)
      for index in sum.losses.indices { sum.losses[index] += next.losses[index] }
    }
    let scale = 1 / Float(draws)
    for index in sum.losses.indices { sum.losses[index] *= scale }
    for index in sum.gradient.values.indices { sum.gradient.values[index] *= scale }
    return sum
  }
}

/// Losses of a batch and their gradients.
public struct LossGradient: Sendable {
  /// Each sample's own loss, n values.
  public var losses: [Float]
  /// ∂ℓ_s/∂h_s, [n, D]: each sample's own, not divided by n.
  public var gradient: Matrix

  /// - Precondition: A loss a row of the gradient.
  public init(losses: [Float], gradient: Matrix) {
    precondition(losses.count == gradient.rows)
    self.losses = losses
    self.gradient = gradient
  }
}

/// The model alone, missing blocks filled with 0.
extension FusionModel: Victim {
  public func decide(_ observation: Observation) -> [Decision] { decide(observation.embeddings) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}
