import CopurAgent
import CopurGRPC
import ServiceLifecycle

/// The senders of all agents of a process as one service; the first that fails ends it.
struct AgentSenders: Service {
  let senders: [Agent<HTTP2ClientTransport>]

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in senders { group.addTask { try await sender.run() } }
      try await group.waitForAll()
    }
  }
}
