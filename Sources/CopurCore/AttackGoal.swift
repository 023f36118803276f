/// An attacker's goal.
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

  /// As scenarios and results spell it.
  public var name: String {
    switch self {
    case .targeted: "targeted"
    case .untargeted: "untargeted"
    }
  }

  /// The settings `goal` and `target`.
  ///
  /// - Parameter isRequired: Whether a goal has to be given.
  public static func settings(isRequired: Bool) -> [Setting<AttackGoal>] {
    [
      Setting(
        SettingDescription(
          "goal", .choice(of: "a goal", ["targeted", "untargeted"]), "one class for all samples, or any wrong one",
          isRequired: isRequired)
      ) {
        .text($0.name)
      } write: {
        $0 = $1 == .text("targeted") ? .targeted(label: nil) : .untargeted
      },
      Setting(
        SettingDescription(
          "target", .className, "the class that a targeted attack wants; of two classes, the other one if left out")
      ) {
        if case .targeted(let label?) = $0 { .integer(label) } else { nil }
      } write: {
        if case .targeted = $0, case .integer(let label) = $1 { $0 = .targeted(label: label) }
      },
    ]
  }

  /// Checks that a target goes with a goal that has one.
  ///
  /// - Parameters:
  ///   - keys: Those that were given.
  ///   - what: What is targeted or not, for messages.
  public func validate(
    in context: KindContext, given keys: Set<String>, of what: String = "attack"
  ) throws(SettingError) {
    switch self {
    case .untargeted:
      if keys.contains("target") {
        throw SettingError("only a targeted \(what) has a target (goal: untargeted)", at: "target")
      }
    case .targeted(let label):
      guard label != nil || context.classNames.count == 2 else {
        throw SettingError(
          "a targeted \(what) has a target if there are more than two classes (target: missing, "
            + "classes: \(context.classNames.count))")
      }
    }
  }

  /// The use of each decision to the attacker: its success, 0 or 1, plus the probability of what it wants.
  package func harms(of decisions: [Decision], labels: [Int]) -> [Float] {
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
