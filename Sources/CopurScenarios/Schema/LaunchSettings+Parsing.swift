internal import CopurCore
internal import CopurLaunch

extension LaunchSettings {
  /// The keys of each kind.
  private static func keys(of kind: Kind) -> [String] {
    switch kind {
    case .local: ["kind", "agents_per_process"]
    case .slurm, .ssh: ["kind", "hosts", "shared_folder", "program", "agents_per_process"]
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
