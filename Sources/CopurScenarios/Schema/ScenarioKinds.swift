internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurExternal

/// The kinds that scenarios may name: the built-in ones, programs of their own, and what a program has registered.
enum ScenarioKinds {
  static var defenses: KindRegistry<any DefenseKind> {
    ExternalKinds.register()
    return .defenses
  }

  static var attacks: KindRegistry<any AttackKind> {
    ExternalKinds.register()
    return .attacks
  }
}
