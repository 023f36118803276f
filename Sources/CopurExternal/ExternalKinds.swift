internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses

/// The kinds that are programs of their own.
public enum ExternalKinds {
  /// Registers them, once however often it is called.
  public static func register() { _ = registered }

  /// Ends the programs that were started for a run: those of attacks and extractors. A defence ends its own with itself.
  public static func endPrograms() {
    ExternalAttack.endPrograms()
    ExternalExtractor.endPrograms()
  }

  private static let registered: Void = {
    do {
      try KindRegistry.defenses.register(ExternalDefense.Settings.entry)
      try KindRegistry.attacks.register(ExternalAttack.entry)
      try KindRegistry.extractors.register(ExternalExtractor.entry)
    } catch {
      preconditionFailure("\(error)")
    }
  }()
}
