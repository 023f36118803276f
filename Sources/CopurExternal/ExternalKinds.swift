internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import Synchronization

/// The kinds that are programs of their own.
public enum ExternalKinds {
  /// Registers them, once however often it is called.
  public static func register() { _ = registered }

  /// A run begins, which may start programs of attacks and extractors. A defence ends its own with itself.
  public static func runBegan() { runs.withLock { $0 += 1 } }

  /// A run is over. With the last of those under way in this process, which share programs, the programs are ended.
  public static func runEnded() {
    runs.withLock { runs in
      runs -= 1
      guard runs == 0 else { return }
      ExternalAttack.endPrograms()
      ExternalExtractor.endPrograms()
    }
  }

  private static let runs = Mutex(0)

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
