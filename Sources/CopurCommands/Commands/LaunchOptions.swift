import ArgumentParser
import CopurCore
import CopurLaunch

/// Options for the machines of a simulation's processes; what is left out is as the scenario says.
struct LaunchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where processes run: local, slurm (the nodes of the allocation that this command is in) or ssh (--hosts). (default: as \
      the scenario says, or local)
      """, valueName: "kind"),
    transform: kind)
  var launcher: String?

  @Option(
    help: ArgumentHelp(
      """
      Machines for ssh, or nodes for slurm, as NAME,NAME=ADDRESS,… or a file, with a / in its path and a machine a line; the \
      fusion center is on the first.
      """, valueName: "list"))
  var hosts: String?

  @Option(
    help: ArgumentHelp(
      """
      A folder that all machines see under the same path, for certificates and models. (default: slurm: the job's folder; \
      ssh: none, files are copied)
      """, valueName: "dir"))
  var sharedFolder: String?

  @Option(
    help: ArgumentHelp("Where this program is on the other machines. (default: where it is here)", valueName: "file"))
  var remoteProgram: String?

  @Option(
    help: ArgumentHelp(
      "How many agents a process hosts. (default: 1 for up to 32 agents, else two processes a machine)", valueName: "n")
  )
  var agentsPerProcess: Int?

  private static func kind(_ text: String) throws -> String {
    let names = KindRegistry.launchers.names
    guard names.contains(text) else {
      throw ValidationError("a launcher is one of \(names.joined(separator: ", ")) (actual: \"\(text)\")")
    }
    return text
  }

  func validate() throws {
    if let agentsPerProcess, !LaunchSettings.agentsPerProcessRange.contains(agentsPerProcess) {
      throw ValidationError("--agents-per-process is 1 to 10000 (actual: \(agentsPerProcess))")
    }
  }

  /// The option that was given, for messages; nil if none was.
  var given: String? {
    if launcher != nil { return "--launcher" }
    if hosts != nil { return "--hosts" }
    if sharedFolder != nil { return "--shared-folder" }
    if remoteProgram != nil { return "--remote-program" }
    return agentsPerProcess == nil ? nil : "--agents-per-process"
  }

  /// A scenario's settings, with what the options say instead.
  func settings(over scenario: LaunchSettings) throws -> LaunchSettings {
    let name = launcher ?? scenario.kind.kind
    var values: [String: SettingValue] = [:]
    // Another launcher's machines are none of this one's.
    if name == scenario.kind.kind {
      for member in scenario.kind.members { values[member.key] = member.value }
    }
    let given: [(option: String, key: String, value: SettingValue?)] = [
      ("--hosts", "hosts", try hosts.map { .texts(try LaunchHost.list($0).map(\.text)) }),
      ("--shared-folder", "shared_folder", sharedFolder.map { .text($0) }),
      ("--remote-program", "program", remoteProgram.map { .text($0) }),
    ]
    for (option, key, value) in given {
      guard let value else { continue }
      let others = KindRegistry.launchers.entries.filter { $0.settings.contains { $0.key == key } }.map(\.name)
      guard others.contains(name) else {
        throw CopurError(
          .invalidArgument, "\(option) is for the launchers \(others.joined(separator: ", ")) (launcher: \(name))")
      }
      values[key] = value
    }
    var settings = scenario
    if let entry = KindRegistry.launchers[name] {
      settings.kind = try entry.make(
        from: OptionValues(
          values: values, options: Dictionary(uniqueKeysWithValues: given.map { ($0.key, $0.option) })),
        in: KindContext(agents: [], classNames: []))
    }
    if let agentsPerProcess { settings.agentsPerProcess = agentsPerProcess }
    return settings
  }
}

/// Settings that options of the command line give.
private struct OptionValues: SettingSource {
  let values: [String: SettingValue]
  /// The option of each key that has one.
  let options: [String: String]

  var keys: Set<String> { Set(values.keys) }

  func value(of setting: SettingDescription, in context: KindContext) -> SettingValue? { values[setting.key] }

  func error(_ message: String, at key: String?) -> any Error {
    CopurError(.invalidArgument, key.flatMap { options[$0] }.map { "\($0): \(message)" } ?? message)
  }

  func missing(_ key: String) -> any Error {
    error("the launcher has the key \"\(key)\" (actual: it is missing)", at: key)
  }
}
