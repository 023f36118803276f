internal import CopurCore
public import CopurNumerics

/// Gradient steps on the embeddings of compromised agents against the fusion model (Madry et al. 2018), without a
/// projection as in CoPur's section 5: an embedding has no range that the attacker must keep to.
///
/// The gradient is that of the fusion model on the embeddings as sent: the attack does not know of a purifier in front of
/// it.
public struct ProjectedGradientDescent: Attack {
  /// What the attacker wants.
  public enum Goal: Hashable, Sendable {
    /// Every sample predicted as a given class; nil: as the class after its own, which of two is the opposite one.
    case targeted(label: Int?)
    /// A sample predicted as anything but its class.
    case untargeted
  }

  /// How a step follows the gradient.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// g/‖g‖₂ over the attacker's columns: steps do not shrink where the loss saturates.
    case normalized
    /// g itself.
    case raw
    /// sign(g), as under an ℓ∞ budget.
    case sign
  }

  public let goal: Goal
  /// The step size; above 0.
  public let step: Float
  /// How many steps; at least 1.
  public let iterations: Int
  public let direction: Direction

  public init(goal: Goal, step: Float, iterations: Int, direction: Direction = .normalized) {
    precondition(step > 0 && iterations >= 1)
    self.goal = goal
    self.step = step
    self.iterations = iterations
    self.direction = direction
  }

  /// The class that each sample is pushed to; nil if it is only pushed away from its own.
  public static func targets(of goal: Goal, labels: [Int], classes: Int) -> [Int]? {
    switch goal {
    case .untargeted: nil
    case .targeted(let label?): labels.map { _ in label }
    case .targeted(nil): labels.map { ($0 + 1) % classes }
    }
  }

  public func craft(_ situation: AttackSituation) -> Matrix {
    let targets = Self.targets(of: goal, labels: situation.labels, classes: situation.victim.classes)
    let sign: Float = targets == nil ? 1 : -1
    let columns = situation.compromised.flatMap { Array(situation.observation.layout[$0]) }
    var embeddings = situation.observation.embeddings
    for _ in 0..<iterations {
      let gradient = situation.victim.lossGradient(embeddings, labels: targets ?? situation.labels).gradient
      for row in 0..<embeddings.rows {
        var length: Float = 1
        if direction == .normalized {
          length = columns.reduce(Float(0)) { $0 + gradient[row, $1] * gradient[row, $1] }.squareRoot()
          // A gradient of exactly 0 has no direction: the sample stays where it is.
          if length == 0 { continue }
        }
        for column in columns {
          let slope = gradient[row, column]
          let along = direction == .sign ? (slope > 0 ? 1 : slope < 0 ? -1 : 0) : slope / length
          embeddings[row, column] += sign * step * along
        }
      }
    }
    return embeddings
  }
}
