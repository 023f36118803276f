internal import CopurCore
internal import CopurGRPC
internal import Synchronization

/// An agent's part in one stream, and the answers that it gives there.
///
/// A batch is one step of each agent, a few microseconds of work: its question is answered where it arrives, and no task is woken
/// for it. All other messages go to the stream's task.
final class AgentConversation: Sendable {
  let part: Mutex<AgentPart>
  private let error = Mutex<(any Error)?>(nil)

  init(_ part: AgentPart) { self.part = Mutex(part) }

  /// Has steps answered at once from now on.
  ///
  /// - Parameter messages: The stream's; nil: its task answers steps, too.
  func answerSteps(of messages: DirectMessages?) {
    messages?.handle { [self] message in
      guard let question = StepQuestion(message) else { return false }
      do {
        guard let answer = try part.withLock({ try $0.answer(to: question) }) else { return false }
        try messages?.send(answer)
      } catch {
        self.error.withLock { $0 = error }
        messages?.end("the agent has failed")
      }
      return true
    }
  }

  /// The error with which answering a step has failed.
  var failure: (any Error)? { error.withLock { $0 } }

  /// The models that the agent serves with, once the training is over.
  var model: AgentModel? { part.withLock { $0.model } }
}
