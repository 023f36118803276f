internal import CopurCore
internal import CopurGRPC
internal import GRPCCore

/// The agents of a simulation by the processes that host them.
struct HostedAgents: Sendable {
  typealias Client = GRPCClient<HTTP2ClientTransport>

  private let clients: [Client]
  private let processes: [AgentID: Int]

  /// - Parameter hosted: Each process's client and its agents.
  init(_ hosted: [(client: Client, agents: [AgentID])]) {
    clients = hosted.map(\.client)
    var processes: [AgentID: Int] = [:]
    for (number, host) in hosted.enumerated() {
      for agent in host.agents { processes[agent] = number }
    }
    self.processes = processes
  }

  /// The client of the process that hosts an agent.
  func client(of agent: AgentID) throws -> Client { clients[try process(of: agent)] }

  /// Agents, grouped by their processes.
  func groups(of agents: [AgentID]) throws -> [(client: Client, agents: [AgentID])] {
    var groups: [Int: [AgentID]] = [:]
    for agent in agents { groups[try process(of: agent), default: []].append(agent) }
    return groups.sorted { $0.key < $1.key }.map { (clients[$0.key], $0.value) }
  }

  private func process(of agent: AgentID) throws -> Int {
    guard let number = processes[agent] else {
      throw CopurError(.software, "no process was started for agent \(agent)")
    }
    return number
  }
}
