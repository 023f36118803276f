internal import CopurCore
internal import CopurLaunch

extension LaunchSettings {
  /// The keys of the section `launch`.
  static let settings = [
    SettingDescription(
      "kind", .choice(of: "a launcher", LaunchSettings.Kind.allCases.map(\.rawValue)),
      "this machine, the nodes of a Slurm allocation, or machines that ssh reaches", isRequired: true),
    SettingDescription(
      "hosts", .texts(of: "hosts", atLeast: 1),
      "ssh: the machines, the fusion center's first; slurm: nodes of the allocation, all if left out. "
        + "`NAME=ADDRESS` where the network knows a machine by another name"),
    SettingDescription(
      "shared_folder", .text("a folder"),
      "a folder that all machines see under the same path; slurm: the folder of the job if left out; ssh: files are "
        + "copied if left out"),
    SettingDescription(
      "program", .text("a file"), "ssh and slurm: where the program is on the machines; as here if left out"),
    SettingDescription(
      "agents_per_process", .integer(LaunchSettings.agentsPerProcessRange),
      "how many agents a process hosts; 1 for up to 32 agents and else two processes a machine if left out"),
  ]

  /// The keys of each kind.
  private static func keys(of kind: Kind) -> [String] {
    switch kind {
    case .local: ["kind", "agents_per_process"]
    case .slurm, .ssh: settings.map(\.key)
    }
  }

  /// The `launch:` section of a scenario.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    self.init()
    let whole = try node.mapping(of: "launch")
    kind = try whole.required("kind").choice(of: "a launcher", as: Kind.self)
    let section = try node.mapping(of: "the launcher \(kind.rawValue)", keys: Self.keys(of: kind))
    if let value = section["hosts"] {
      var names: [String] = []
      for item in try value.list(of: "hosts") { names.append(try item.string("a host")) }
      do { _ = try LaunchHost.list(names) } catch {
        throw value.error((error as? CopurError)?.message ?? "\(error)")
      }
      hosts = names
    } else if kind == .ssh {
      throw node.error("the launcher ssh has the key \"hosts\" (actual: it is missing)")
    }
    if let value = section["shared_folder"] { sharedFolder = try value.string("a folder") }
    if let value = section["program"] { program = try value.string("a file") }
    if let value = section["agents_per_process"] {
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
