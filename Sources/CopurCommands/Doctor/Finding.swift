import CopurCore

/// A property of this machine or of its files, as `copur doctor` found it.
struct Finding: Encodable, Sendable {
  /// The states of what was looked at.
  enum State: String, Encodable, Sendable {
    case ok
    /// Work goes on, and may not be what was expected.
    case warning
    /// Something will not work.
    case fault
  }

  /// The thing that was looked at, in a word.
  let subject: String
  let state: State
  /// The finding; of a warning and a fault the rule and the value.
  let message: String
  /// The remedy; nil if all is well.
  let remedy: String?
  /// The exit code of a fault.
  let exitStatus: Int32?

  static func ok(_ subject: String, _ message: String) -> Finding {
    Finding(subject: subject, state: .ok, message: message, remedy: nil, exitStatus: nil)
  }

  static func warning(_ subject: String, _ message: String, do remedy: String) -> Finding {
    Finding(subject: subject, state: .warning, message: message, remedy: remedy, exitStatus: nil)
  }

  static func fault(
    _ subject: String, _ code: CopurError.Code, _ message: String, do remedy: String
  ) -> Finding {
    Finding(subject: subject, state: .fault, message: message, remedy: remedy, exitStatus: code.exitStatus)
  }
}
