public import Foundation

/// Processes on this machine, over its loopback addresses.
public struct LocalLauncher: Launcher {
  public init() {}

  public var name: String { "local" }

  public var hosts: [LaunchHost] { [.loopback] }

  public var sharedFolder: URL? { nil }

  public var program: String? { nil }

  public var isLocal: Bool { true }

  public func command(_ words: [String], on host: LaunchHost) -> [String] { words }
}
