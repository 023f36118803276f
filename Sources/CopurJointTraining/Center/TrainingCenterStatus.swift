public import CopurCore
public import CopurTraining

/// A training over the network as it is at one moment.
public struct TrainingCenterStatus: Sendable {
  /// How far the training is as a whole.
  public enum Phase: Hashable, Sendable {
    /// It waits for agents, one of them at least.
    case waiting
    /// Every agent is there that it needs.
    case training
    /// Agents serve a model of this version.
    case finished(modelVersion: String)
    /// It has ended before its end, with the reason.
    case failed(String)
  }

  /// An agent's part.
  public struct Agent: Hashable, Sendable {
    /// Whether it is there.
    public enum Presence: String, Hashable, Sendable {
      /// Its stream is open.
      case connected
      /// Its stream is open, and a question has waited for its answer for more than five seconds.
      case late
      /// It has no stream.
      case away
      /// It has been away for too long, and is missing from then on.
      case leftOut = "left out"
    }

    /// Its name.
    public var name: AgentID
    public var presence: Presence
    /// How many features it has; nil before it came first.
    public var features: Int?
    /// Of how many rows it says something; nil before it came first.
    public var rows: Int?
    /// The bytes of its streams, with the framing of HTTP/2 and before encryption; the same for all of its streams together.
    public var traffic: TrainingProgress.Traffic
    /// From a question to its answer, a moving average; nil before the first.
    public var answerTime: Duration?

    package init(
      name: AgentID, presence: Presence, features: Int?, rows: Int?, traffic: TrainingProgress.Traffic,
      answerTime: Duration?
    ) {
      self.name = name
      self.presence = presence
      self.features = features
      self.rows = rows
      self.traffic = traffic
      self.answerTime = answerTime
    }
  }

  /// A joint training that has begun.
  public struct Job: Hashable, Sendable {
    /// Its name among those of the bundle.
    public var name: String
    /// How many passes over its rows it makes.
    public var epochs: Int
    /// How many of them are over.
    public var epoch: Int
    /// The mean loss of the last one; nil before the first.
    public var loss: Float?
    /// The batches, of asynchronous training the contacts, that this process has seen of it.
    public var batches: Int
    public var isOver: Bool

    package init(name: String, epochs: Int, epoch: Int, loss: Float?, batches: Int, isOver: Bool) {
      self.name = name
      self.epochs = epochs
      self.epoch = epoch
      self.loss = loss
      self.batches = batches
      self.isOver = isOver
    }
  }

  public var phase: Phase
  /// The agents, in the model's order.
  public var agents: [Agent]
  /// The joint trainings that have begun, in that order.
  public var jobs: [Job]
  /// What was reported last, of whatever is being trained.
  public var progress: TrainingProgress?
  /// The balanced accuracy on held-out rows that was reported last, from 0 to 1.
  public var heldOutScore: Float?

  package init(phase: Phase, agents: [Agent], jobs: [Job], progress: TrainingProgress?, heldOutScore: Float?) {
    self.phase = phase
    self.agents = agents
    self.jobs = jobs
    self.progress = progress
    self.heldOutScore = heldOutScore
  }

  /// The bytes of all agents.
  public var traffic: TrainingProgress.Traffic { agents.reduce(.init()) { $0 + $1.traffic } }
}
