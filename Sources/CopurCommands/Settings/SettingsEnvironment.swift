import CopurCore
import CopurDatasets

/// The variables that set options: `COPUR_SERVE_TLS_KEY` is `--tls-key` of `copur serve`.
struct SettingsEnvironment {
  /// The variable that names the settings file, unless `--config` does.
  static let fileVariable = "COPUR_CONFIG"

  let variables: [String: String]

  /// The settings file.
  var file: String? { value(of: Self.fileVariable) }

  /// The variable of an option.
  static func variable(of option: String, command: String) -> String {
    prefix(of: command) + option.uppercased().replacing("-", with: "_")
  }

  private static func prefix(of command: String) -> String { "COPUR_\(command.uppercased())_" }

  /// A variable's text. An empty one is one that is not set: that is how a container's settings leave one out.
  private func value(of variable: String) -> String? { variables[variable].flatMap { $0.isEmpty ? nil : $0 } }

  /// The setting of an option by its variable; nil if it is not set.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if a flag's is neither true nor false.
  func setting(of option: CommandOption, command: String) throws -> Setting? {
    let variable = Self.variable(of: option.name, command: command)
    guard let text = value(of: variable) else { return nil }
    if option.isFlag, text != "true", text != "false" {
      throw CopurError(.configuration, "$\(variable) is true or false (actual: \"\(text)\")")
    }
    // Values may hold commas and spaces, as those of --defense do.
    let values = option.isRepeating ? text.split(whereSeparator: \.isNewline).map(String.init) : [text]
    return Setting(option: option, values: values, source: .environment(variable: variable))
  }

  /// Refuses variables that begin as those of a command do and name none of its options.
  ///
  /// - Throws: ``CopurError`` of code `.configuration`.
  func check(command: String, options: [String]) throws {
    let prefix = Self.prefix(of: command)
    let known = options.map { Self.variable(of: $0, command: command) }
    for variable in variables.keys.sorted()
    where variable.hasPrefix(prefix) && !known.contains(variable) && !Self.isService(variable) {
      let ending = String(variable.dropFirst(prefix.count))
      throw CopurError(
        .configuration,
        "$\(variable) sets no option of copur \(command)"
          + (ending == "CONFIG"
            ? "; the settings file is $\(Self.fileVariable)"
            : Suggestion.clause(for: ending, in: known.map { String($0.dropFirst(prefix.count)) })))
    }
  }

  /// Whether a variable is one that Kubernetes makes for a service of that name, such as `COPUR_SERVE_PORT_8001_TCP`.
  private static func isService(_ variable: String) -> Bool {
    variable.firstMatch(of: /_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/)
      != nil
  }
}
