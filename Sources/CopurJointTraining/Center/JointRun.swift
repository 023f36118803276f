internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire
internal import Foundation
internal import Logging
internal import Synchronization

/// One joint training over the network: it leads the agents from checkpoint to checkpoint, and goes back to the last one where
/// an agent goes away.
final class JointRun: Sendable {
  let center: TrainingCenter
  let job: JointJob
  /// By what messages name the job.
  let id: UInt32
  let progress: @Sendable (Int, Float) -> Void
  let tally: JobTally
  private let settings: String
  /// The streams on which agents have the trained extractor at hand.
  let prepared = Mutex<Set<ObjectIdentifier>>([])
  /// The factor by which each agent's embeddings are multiplied in the end; nil for as they are.
  let factors = Mutex<[Float]?>(nil)

  init(
    center: TrainingCenter, job: JointJob, id: UInt32, tally: JobTally,
    progress: @escaping @Sendable (Int, Float) -> Void
  ) {
    self.center = center
    self.job = job
    self.id = id
    self.tally = tally
    self.progress = {
      tally.reached(epoch: $0, loss: $1)
      progress($0, $1)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    settings = String(decoding: (try? encoder.encode(job.training)) ?? Data(), as: UTF8.self)
  }

  /// Trains until the last step, however often agents go away meanwhile.
  ///
  /// - Returns: The fusion center's side after the last step.
  func train(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    switch job.training.jointExchange.mode {
    case .synchronous: try await synchronous(initial)
    case .asynchronous: try await asynchronous(initial)
    }
  }

  /// Begins the job with agents, or has them go back.
  ///
  /// - Parameter checkpoint: The checkpoint that each goes back to.
  /// - Returns: Whether all of them did.
  /// - Throws: ``LinkLost``.
  func begin(_ links: [Int: AgentLink], at checkpoint: (Int) -> UInt64) async throws -> Bool {
    let widths = center.state.withLock { $0.features.map { UInt32($0 ?? 1) } }
    let rows = job.rows.map { UInt32($0) }
    let answers = try await center.ask(links, job: id) { agent in
      var begin = Copur_V1_TrainResponse.Begin()
      begin.job = id
      begin.name = job.name
      begin.settings = settings
      begin.rows = rows
      begin.widths = Array(widths[...agent])
      begin.heard = job.isHeard[agent]
      begin.checkpoint = checkpoint(agent)
      return .begin(begin)
    }
    return try answers.allSatisfy { agent, content in
      guard case .message(.begun(let begun)) = content else { throw reject(links[agent]!, "Begun answers Begin") }
      return begun.checkpoint == checkpoint(agent)
    }
  }

  /// Sees to it that agents have the trained extractor at hand.
  ///
  /// - Throws: ``LinkLost``; ``CopurError`` of code `.unavailable` if one of them has lost it.
  func prepare(_ links: [Int: AgentLink]) async throws {
    let new = prepared.withLock { prepared in links.filter { !prepared.contains(ObjectIdentifier($0.value)) } }
    guard !new.isEmpty else { return }
    guard try await begin(new, at: { _ in Checkpoint.trained }) else {
      throw CopurError(
        .unavailable,
        "an agent has lost what it learned in \"\(job.name)\" (one of \(new.values.map(\.agent).sorted()))")
    }
    prepared.withLock { $0.formUnion(new.values.map { ObjectIdentifier($0) }) }
  }
}
