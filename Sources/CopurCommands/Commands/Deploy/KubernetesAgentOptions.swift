import ArgumentParser
import CopurCore
import CopurDeploy

/// The agents of a service on Kubernetes, and what they send.
struct KubernetesAgentOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The agents that run in the cluster; others connect from elsewhere. (default: all of the bundle, or those of --rows)",
      valueName: "name"))
  var agents: [String] = []

  @Flag(help: "No agent runs in the cluster.")
  var noAgents = false

  @Option(
    help: ArgumentHelp(
      """
      An agent's own rows: a file in the volume of --data-claim, or a socket, tcp:HOST:PORT, as in `copur agent --rows`; can \
      be repeated. An agent without sends the test rows of the data set that the bundle was trained on.
      """, valueName: "agent=rows"))
  var rows: [String] = []

  @Flag(help: "Read on as files of --rows grow: their agents become Deployments, which go on until they are stopped.")
  var follow = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A further option of every `copur agent` with --rows, such as --agent-option=--key=minute; can be repeated.",
      valueName: "option"))
  var agentOption: [String] = []

  @Option(help: ArgumentHelp("A volume with data sets and rows, by its claim.", valueName: "claim"))
  var dataClaim: String?

  @Option(
    help: ArgumentHelp("Memory of an agent, in MiB: what it asks for, and its limit.", valueName: "mib[:mib]"))
  var agentMemory: String?

  /// The options, and whether each is given.
  var given: [(String, Bool)] {
    [
      ("--agents", !agents.isEmpty), ("--no-agents", noAgents), ("--rows", !rows.isEmpty), ("--follow", follow),
      ("--agent-option", !agentOption.isEmpty), ("--agent-memory", agentMemory != nil),
    ]
  }

  func validate() throws {
    if let dataClaim { try KubernetesObjectOptions.requireName(dataClaim, of: "--data-claim") }
    if noAgents, let (name, _) = given.first(where: { $0.1 && $0.0 != "--no-agents" }) {
      throw ValidationError("\(name) is about agents in the cluster, and --no-agents says that there are none.")
    }
    if rows.isEmpty, follow || !agentOption.isEmpty {
      throw ValidationError("\(follow ? "--follow" : "--agent-option") is about --rows, which is not given.")
    }
  }

  /// The agents in the roster's order, and what they send.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` that names the option and the agent.
  func agents(of roster: [AgentID]) throws -> [(agent: AgentID, work: AgentWork)] {
    guard !noAgents else { return [] }
    var works: [AgentID: AgentWork] = [:]
    for text in rows {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw CopurError(.invalidArgument, "--rows is AGENT=ROWS (actual: \"\(text)\")")
      }
      let agent = try Self.agent(String(text[..<sign]), in: roster, of: "--rows")
      guard works.updateValue(try work(String(text[text.index(after: sign)...])), forKey: agent) == nil else {
        throw CopurError(.invalidArgument, "--rows is given once for an agent (twice: \(agent))")
      }
    }
    let named = try agents.map { try Self.agent($0, in: roster, of: "--agents") }
    let chosen = Set(named.isEmpty ? (works.isEmpty ? roster : Array(works.keys)) : named)
    if let other = works.keys.sorted().first(where: { !chosen.contains($0) }) {
      throw CopurError(.invalidArgument, "an agent with --rows is one of --agents (actual: \(other))")
    }
    return roster.filter(chosen.contains).map { ($0, works[$0] ?? .testRows) }
  }

  private func work(_ rows: String) throws -> AgentWork {
    if rows.hasPrefix("tcp:") {
      guard let address = SocketAddress(argument: String(rows.dropFirst("tcp:".count))), address.port > 0 else {
        throw CopurError(.invalidArgument, "a socket of --rows is tcp:HOST:PORT (actual: \"\(rows)\")")
      }
      return .socket(rows, port: address.port)
    }
    let steps = rows.split(separator: "/", omittingEmptySubsequences: false)
    guard !rows.isEmpty, rows != "-", !rows.hasPrefix("unix:"), !steps.contains(".."), !steps.contains("") else {
      throw CopurError(
        .invalidArgument,
        "rows in a cluster are a file's path in the volume of --data-claim, or tcp:HOST:PORT (actual: \"\(rows)\")")
    }
    return .file(rows, follows: follow)
  }

  private static func agent(_ name: String, in roster: [AgentID], of option: String) throws -> AgentID {
    guard let agent = roster.first(where: { $0.name == name }) else {
      throw CopurError(
        .invalidArgument, "\(option) names an agent of the bundle: \(roster.count) there are (actual: \"\(name)\")")
    }
    return agent
  }

  func apply(to settings: inout KubernetesSettings) throws {
    settings.dataClaim = dataClaim
    settings.agentArguments = agentOption
    settings.agentMemory = try agentMemory.map { try MemoryQuantity($0, option: "--agent-memory") }
  }
}
