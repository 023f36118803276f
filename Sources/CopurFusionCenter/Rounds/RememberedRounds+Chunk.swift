internal import CopurCore

extension RememberedRounds {
  /// The defence and model that verdicts have in common.
  struct Decider: Equatable {
    let modelVersion: String
    let defense: String
  }

  /// Rounds that were closed one after the other.
  struct Chunk {
    /// A verdict's place.
    private struct Place {
      let decider: Int32
      let index: Int32
      let details: Range<Int32>
      /// −1: it has none.
      let trace: Int32
    }

    /// (rounds, agents); 0 where the block was missing.
    private var hashes: [UInt64] = []
    /// (rounds, agents).
    private var observed: [Bool] = []
    /// The place of each round's verdict; nil: there is none yet.
    private var places: [Place?] = []
    /// The verdicts, in the order in which they came, as the journal has them.
    private var verdicts = VerdictRow()
    /// The verdicts' traceparents, each once as long as it does not change.
    private var traces: [String] = []

    init(agents: Int) {
      hashes.reserveCapacity(chunkRounds * agents)
      observed.reserveCapacity(chunkRounds * agents)
      places.reserveCapacity(chunkRounds)
    }

    /// Begins a round, whose hashes follow.
    mutating func begin() { places.append(nil) }

    mutating func append(_ hash: UInt64, isObserved: Bool) {
      hashes.append(hash)
      observed.append(isObserved)
    }

    mutating func append(_ hashes: UnsafeBufferPointer<UInt64>, _ words: UnsafeBufferPointer<Round.Word>) {
      self.hashes += hashes
      observed += words.lazy.map { $0 == .block }
    }

    mutating func decided(_ verdict: Verdict, slot: Int, decider: Int, agents: [AgentID]) {
      if let trace = verdict.traceparent, trace != traces.last { traces.append(trace) }
      let start = Int32(verdicts.detailCount)
      let index = Int32(verdicts.count)
      verdicts.append(verdict, agents: agents)
      places[slot] = Place(
        decider: Int32(decider), index: index, details: start..<Int32(verdicts.detailCount),
        trace: verdict.traceparent == nil ? -1 : Int32(traces.count - 1))
    }

    func hash(of agent: Int, slot: Int, agents: Int) -> UInt64? {
      observed[slot * agents + agent] ? hashes[slot * agents + agent] : nil
    }

    func verdict(slot: Int, session: String, deciders: [Decider], agents: [AgentID]) -> Verdict? {
      guard let place = places[slot] else { return nil }
      let decider = deciders[Int(place.decider)]
      let row = verdicts.row(
        of: Int(place.index), details: Int(place.details.lowerBound)..<Int(place.details.upperBound),
        agents: agents.count)
      do {
        var verdict = try row.verdicts(
          session: session, modelVersion: decider.modelVersion, defense: decider.defense, agents: agents)[0]
        if place.trace >= 0 { verdict.traceparent = traces[Int(place.trace)] }
        return verdict
      } catch {
        preconditionFailure("a verdict that was packed here: \(error)")
      }
    }
  }
}
