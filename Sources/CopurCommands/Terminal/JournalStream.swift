import CopurCore
import Foundation
import Logging

/// systemd's journal behind standard error, as `JOURNAL_STREAM` says (systemd.exec(5)).
enum JournalStream {
  /// Whether standard error goes to the journal: the variable names the device and inode of the stream, so that it says
  /// nothing of one that was redirected since.
  static let isStandardError: Bool = {
    let parts = (ProcessInfo.processInfo.environment["JOURNAL_STREAM"] ?? "").split(separator: ":").map { UInt64($0) }
    guard parts.count == 2, let identity = FileIdentity(of: STDERR_FILENO) else { return false }
    return parts[0] == identity.device && parts[1] == identity.inode
  }()

  /// A level as syslog's priority, from 7 (debugging) to 2 (critical).
  static func priority(of level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// A text with its priority before each line, which is how the journal is told (sd-daemon(3)).
  static func text(_ text: String, _ level: Logger.Level) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "<\(priority(of: level))>\($0)" }
      .joined(separator: "\n")
  }
}
