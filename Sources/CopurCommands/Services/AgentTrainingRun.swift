import CopurCore
import CopurGRPC
import CopurJointTraining
import ServiceLifecycle
import Synchronization

/// An agent's part in a training, as a service: it ends with the training.
final class AgentTrainingRun: Service {
  private let agent: TrainingAgent<HTTP2ClientTransport>
  private let model = Mutex<AgentModel?>(nil)

  init(agent: TrainingAgent<HTTP2ClientTransport>) { self.agent = agent }

  func run() async throws {
    do {
      let model = try await cancelWhenGracefulShutdown { try await self.agent.run() }
      self.model.withLock { $0 = model }
    } catch is CancellationError {
      // Told to stop: what that means is said by the result.
    }
  }

  /// - Throws: ``CopurError`` of code `.unavailable` if it was told to stop before the training was over.
  func result() throws -> AgentModel {
    guard let model = model.withLock({ $0 }) else {
      throw CopurError(.unavailable, "the agent was stopped before the training was over")
    }
    return model
  }
}
