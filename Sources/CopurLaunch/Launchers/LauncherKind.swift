public import CopurCore

/// A launcher as scenarios and the command line name and set it.
public protocol LauncherKind: Kind {
  /// The kind, as scenarios spell it.
  var kind: String { get }

  /// The launcher with these settings, as this machine is now.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a folder is not there, `.configuration` if what it starts processes with is not.
  func launcher() async throws -> any Launcher
}

extension KindEntry where Family == any LauncherKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: Where its processes run, in a sentence or two for the reference.
  ///   - initial: The kind with the defaults.
  public init<Value: LauncherKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any LauncherKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any LauncherKind {
  /// The launchers. A new one is a file with its type, and a line here.
  public static let launchers = KindRegistry(
    of: "a launcher", [LocalLauncher.Settings.entry, SlurmLauncher.Settings.entry, SSHLauncher.Settings.entry])
}
