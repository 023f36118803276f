internal import CopurCore
internal import CopurLaunch

extension LaunchSettings {
  /// The keys of the section `launch`, of all kinds together.
  static var settings: [SettingDescription] {
    var own: [SettingDescription] = []
    for setting in KindRegistry.launchers.entries.flatMap(\.settings) where !own.contains(setting) {
      own.append(setting)
    }
    return [
      SettingDescription(
        "kind", .choice(of: "a launcher", KindRegistry.launchers.names),
        "this machine, the nodes of a Slurm allocation, or machines that ssh reaches", isRequired: true)
    ] + own + [agents]
  }

  private static let agents = SettingDescription(
    "agents_per_process", .integer(LaunchSettings.agentsPerProcessRange),
    "how many agents a process hosts; 1 for up to 32 agents and else two processes a machine if left out")

  /// The `launch:` section of a scenario.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    let name = try node.mapping(of: "launch").required("kind").choice(
      of: "a launcher", from: KindRegistry.launchers.names)
    let section = try node.mapping(of: "the launcher \(name)")
    self.init()
    kind = try section.kind(
      name, in: .launchers, besides: ["kind", Self.agents.key], context: KindContext(agents: [], classNames: []))
    if let value = section[Self.agents.key] {
      let range = Self.agentsPerProcessRange
      agentsPerProcess = try value.integer(atLeast: range.lowerBound, atMost: range.upperBound)
    }
  }

  /// A scenario's text without its `launch:` section: machines are no part of what is measured, so that a run may go on
  /// elsewhere.
  static func removed(from text: String) -> String {
    var isInside = false
    // Empty lines behind the section are the text's, those within it the section's.
    var (kept, empty): ([Substring], [Substring]) = ([], [])
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("launch:") {
        (kept, empty, isInside) = (kept + empty, [], true)
      } else if line.isEmpty {
        empty.append(line)
      } else if isInside, " \t-]}".contains(line.prefix(1)) {
        empty = []
      } else {
        (kept, empty, isInside) = (kept + empty + [line], [], false)
      }
    }
    return (kept + empty).joined(separator: "\n")
  }
}
