/// Names of agents in a message: a count and an example where there are many.
public enum AgentNames {
  /// "agent a03", "agents a03 and a04", or "17 agents (a03 and 16 more)".
  public static func words(_ names: [String]) -> String {
    switch names.count {
    case 0: "no agent"
    case 1: "agent \(names[0])"
    case 2...4: "agents \(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
    default: "\(names.count) agents (\(names[0]) and \(names.count - 1) more)"
    }
  }
}
