public import CopurCore
internal import CopurNumerics

/// A trigger in the features of the compromised agents: a fixed pattern added to what they measure, which their own
/// extractors then embed (Gu et al. 2019, by blocks of features).
///
/// It does harm where a training has learned to obey it: the `poison` of a training with `features: trigger` adds the same
/// pattern to training rows.
public struct Trigger: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "trigger",
      "Adds a fixed pattern to the agents' features, which their extractors embed: the one that a training's `poison` adds.",
      Trigger())
  }
  public static var settings: [Setting<Trigger>] {
    [.number("strength", \.strength, .positive, "how far each feature is moved, in standard deviations of training")]
      + AttackGoal.settings(isRequired: false).filter { $0.description.key == "target" }.map { $0.at(\.goal) }
  }

  /// The distance by which each feature is moved, in standard deviations of training; over 0.
  public var strength: Float
  /// The class that the trigger stands for.
  public var goal: AttackGoal

  /// - Parameters:
  ///   - strength: How far each feature is moved, in standard deviations of training; over 0.
  ///   - target: The class that the trigger stands for; of two, nil for the other one.
  public init(strength: Float = 3, target: Int? = nil) {
    self.strength = strength
    goal = .targeted(label: target)
  }

  public var aim: AttackGoal? { goal }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try goal.validate(in: context, given: keys)
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var embeddings = situation.observation.embeddings
    guard let raw = situation.context.raw else {
      return Proposal(embeddings, warnings: ["without the agents' features there is nothing to put a trigger into"])
    }
    let rows = situation.context.numbers ?? Array(situation.labels.indices)
    for block in situation.compromised {
      let agent = raw.agents[block]
      var features = raw.features.columns(raw.layout[block]).selecting(rows: rows)
      let pattern = TriggerPattern(agent: agent, width: features.columns, seed: situation.context.seed)
      for row in 0..<features.rows {
        for column in 0..<features.columns where raw.deviations[block][column] != Standardizer.withoutSpread {
          features[row, column] += strength * pattern.signs[column] * raw.deviations[block][column]
        }
      }
      embeddings.replaceColumns(situation.observation.layout[block], with: raw.embed(features, of: block))
    }
    return Proposal(embeddings)
  }
}
