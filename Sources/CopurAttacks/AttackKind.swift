public import CopurCore

/// An attack that scenarios name: its settings are its properties.
public protocol AttackKind: Attack, Kind {
  /// Its name, what it is, and its defaults.
  static var entry: KindEntry<any AttackKind> { get }
  /// The kind, as scenarios and results spell it.
  var kind: String { get }
  /// The attacker's goal; nil if it has no say in that.
  var aim: AttackGoal? { get }
  /// The factor between the honest embedding and the one that it sends; nil if that is no setting of its.
  var amplifies: Float? { get }
}

extension AttackKind {
  public var kind: String { Self.entry.name }
  public var aim: AttackGoal? { nil }
  public var amplifies: Float? { nil }
}

extension KindEntry where Family == any AttackKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it does, in a sentence or two for the reference.
  ///   - initial: The attack with the defaults.
  public init<Value: AttackKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any AttackKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any AttackKind {
  /// The attacks that make an adversarial embedding. A new one is a file with its type, and a line here.
  public static let attacks = KindRegistry(
    of: "an attack",
    [
      FeatureFlipping.entry, ProjectedGradientDescent.entry, AdaptiveDescent.entry, RandomSearch.entry,
      ConstantEmbedding.entry, GaussianEmbedding.entry, Replay.entry, Trigger.entry,
    ])
}
