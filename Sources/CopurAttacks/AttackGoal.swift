internal import CopurCore

/// What an attacker wants.
public enum AttackGoal: Hashable, Sendable {
  /// Every sample predicted as a given class; nil: as the class after its own, which of two is the opposite one.
  case targeted(label: Int?)
  /// A sample predicted as anything but its class.
  case untargeted

  /// The class that each sample is pushed to; nil if it is only pushed away from its own.
  public func targets(labels: [Int], classes: Int) -> [Int]? {
    switch self {
    case .untargeted: nil
    case .targeted(let label?): labels.map { _ in label }
    case .targeted(nil): labels.map { ($0 + 1) % classes }
    }
  }

  /// How well each decision suits the attacker: its success, 0 or 1, plus the probability of what it wants.
  func harms(of decisions: [Decision], labels: [Int]) -> [Float] {
    let classes = decisions.first?.probabilities.count ?? 2
    let targets = targets(labels: labels, classes: classes)
    return decisions.indices.map { sample in
      let decision = decisions[sample]
      if let target = targets?[sample] {
        return (decision.label == target ? 1 : 0) + decision.probabilities[target]
      }
      return (decision.label != labels[sample] ? 1 : 0) + 1 - decision.probabilities[labels[sample]]
    }
  }
}
