internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurExternal

/// The kinds that scenarios may name: the built-in ones, programs of their own, and what a program has registered.
public enum ScenarioKinds {
  /// Makes them known, once however often it is called: a program calls it before it reads a bundle.
  public static func register() { ExternalKinds.register() }

  static var defenses: KindRegistry<any DefenseKind> {
    register()
    return .defenses
  }

  static var attacks: KindRegistry<any AttackKind> {
    register()
    return .attacks
  }
}
