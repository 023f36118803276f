public import Foundation

/// A way to start the processes of a simulation: the fusion center and those that host agents.
///
/// Predictions do not depend on it, so it is no part of what a run is.
public protocol Launcher: Sendable {
  /// The name by which scenarios and the command line know it.
  var name: String { get }
  /// The machines, at least one. The fusion center is on the first, and agents' processes on the following ones in turn, the
  /// first included where there is no other.
  var hosts: [LaunchHost] { get }
  /// A folder that all machines see under the same path; nil if they share none, and what processes read is copied.
  var sharedFolder: URL? { get }
  /// The program's file on the machines; nil: where it is on this one.
  var program: String? { get }
  /// Whether processes run on this machine alone.
  var isLocal: Bool { get }

  /// The command of this machine that runs a command on another.
  ///
  /// Its standard input and output are the other's, so that a process sees the end of its driver.
  func command(_ words: [String], on host: LaunchHost) -> [String]
}

extension Launcher {
  public var isLocal: Bool { false }

  /// The machine of the fusion center.
  public var centerHost: LaunchHost { hosts[0] }

  /// The machine of the process of agents with a number, from 0.
  public func agentHost(_ number: Int) -> LaunchHost { hosts[(number + 1) % hosts.count] }
}
