/// An open round; its blocks are in ``OpenRounds``.
struct Round {
  /// The outcome of a block.
  enum Outcome {
    case accepted
    case duplicate
    case conflict
  }

  /// An agent's word in a round.
  enum Word: UInt8 {
    /// None yet.
    case none
    case block
    /// It said that it has no block.
    case silence
  }

  /// The position of its session.
  let session: Int
  let sample: UInt64
  /// Its number, in the order of opening.
  let number: UInt64
  /// The agent that spoke first.
  let opener: Int
  /// The time at which it did.
  let opened: Duration
  /// The time at which the clock started; nil: fewer agents have spoken than it takes, or the session waits for its agents.
  var started: Duration?
  /// The number of agents that have not spoken.
  var missing: Int
  /// The number of agents that have sent a block, or their word that there is none.
  var speakers = 0
  /// The number of agents whose blocks have come.
  var contributors = 0

  init(_ sample: UInt64, session: Int, agents: Int, number: UInt64, opener: Int, at now: Duration) {
    self.sample = sample
    self.session = session
    self.number = number
    self.opener = opener
    opened = now
    missing = agents
  }

  /// An agent that had not spoken did.
  mutating func spoken(_ word: Word) {
    missing -= 1
    speakers += 1
    if word == .block { contributors += 1 }
  }
}
