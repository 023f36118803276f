import ArgumentParser
import CopurCore
import CopurLaunch

/// Where the processes of a simulation run; what is left out is as the scenario says.
struct LaunchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where processes run: local, slurm (the nodes of the allocation that this command is in) or ssh (--hosts). (default: as \
      the scenario says, or local)
      """, valueName: "kind"),
    transform: kind)
  var launcher: LaunchSettings.Kind?

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

  private static func kind(_ text: String) throws -> LaunchSettings.Kind {
    guard let kind = LaunchSettings.Kind(rawValue: text) else {
      let kinds = LaunchSettings.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("a launcher is one of \(kinds) (actual: \"\(text)\")")
    }
    return kind
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
    var settings = scenario
    if let launcher, launcher != settings.kind {
      // Another launcher's machines are none of this one's.
      settings = LaunchSettings()
      settings.kind = launcher
      settings.agentsPerProcess = scenario.agentsPerProcess
    }
    if let hosts { settings.hosts = try LaunchHost.list(hosts).map(\.text) }
    if let sharedFolder { settings.sharedFolder = sharedFolder }
    if let remoteProgram { settings.program = remoteProgram }
    if let agentsPerProcess { settings.agentsPerProcess = agentsPerProcess }
    return settings
  }
}
