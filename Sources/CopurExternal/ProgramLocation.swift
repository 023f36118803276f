internal import CopurCore

/// A program that is a defence, an attack or an extractor: the command that starts it, or the address where it runs already.
public struct ProgramLocation: Hashable, Sendable {
  /// The program and its arguments; empty if it runs already.
  public var command: [String] = []
  /// The address at which it listens, `tcp:HOST:PORT` or `unix:PATH`; empty if it is started.
  public var address = ""
  /// The time that an answer may take, in seconds.
  public var timeout: Float = 60

  /// No program yet.
  public init() {}

  /// Its name in messages.
  var name: String { command.isEmpty ? address : command.joined(separator: " ") }

  /// Its settings, for a kind that has one.
  static func settings<Owner>(at path: any WritableKeyPath<Owner, ProgramLocation> & Sendable) -> [Setting<Owner>] {
    // What is left out stays out where settings are written down, too.
    let own: [Setting<ProgramLocation>] = [
      Setting(
        SettingDescription(
          "command", .words,
          "the program and its arguments, started and ended with the run; or else `address`")
      ) {
        $0.command.isEmpty ? nil : .texts($0.command)
      } write: {
        if case .texts(let words) = $1 { $0.command = words }
      },
      Setting(
        SettingDescription(
          "address", .text("an address"), "where the program runs already: `tcp:HOST:PORT` or `unix:PATH`")
      ) {
        $0.address.isEmpty ? nil : .text($0.address)
      } write: {
        if case .text(let address) = $1 { $0.address = address }
      },
      .number("timeout", \.timeout, .positive, "how long an answer may take, in seconds"),
    ]
    return own.map { $0.at(path) }
  }

  /// - Throws: ``SettingError`` unless there is either a command or an address.
  func validate() throws(SettingError) {
    guard command.isEmpty != address.isEmpty else {
      throw SettingError(
        "a program is named by its command or by its address (actual: \(command.isEmpty ? "neither" : "both"))")
    }
    guard address.isEmpty || address.hasPrefix("tcp:") || address.hasPrefix("unix:") else {
      throw SettingError("a program listens at tcp:HOST:PORT or unix:PATH (actual: \"\(address)\")", at: "address")
    }
  }
}
