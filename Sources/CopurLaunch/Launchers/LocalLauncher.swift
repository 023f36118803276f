public import CopurCore
public import Foundation

/// Processes on this machine, over its loopback addresses.
public struct LocalLauncher: Launcher {
  /// The launcher as scenarios set it: there is nothing to say.
  public struct Settings: LauncherKind {
    public static var entry: KindEntry<any LauncherKind> {
      KindEntry("local", "Every process on this machine.", Settings())
    }

    public init() {}

    public var kind: String { "local" }

    public func launcher() -> any Launcher { LocalLauncher() }
  }

  public init() {}

  public var name: String { "local" }

  public var hosts: [LaunchHost] { [.loopback] }

  public var sharedFolder: URL? { nil }

  public var program: String? { nil }

  public var isLocal: Bool { true }

  public func command(_ words: [String], on host: LaunchHost) -> [String] { words }
}
