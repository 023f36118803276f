internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses

/// The kinds that are programs of their own.
public enum ExternalKinds {
  /// Registers them, once however often it is called.
  public static func register() { _ = registered }

  private static let registered: Void = {
    do {
      try KindRegistry.defenses.register(ExternalDefense.Settings.entry)
      try KindRegistry.attacks.register(ExternalAttack.entry)
    } catch {
      preconditionFailure("\(error)")
    }
  }()
}
