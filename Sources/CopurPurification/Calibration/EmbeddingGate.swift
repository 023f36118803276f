public import CopurCore
internal import CopurNumerics

/// The gate in front of the purifier: a block that no clean agent sends is taken as missing.
///
/// Missing costs little, and what an attacker can still send is bounded by what clean embeddings are. A gate that would
/// leave less than half of the agents that spoke lets all blocks through: then not a few lie, or the world has changed.
public struct EmbeddingGate: Hashable, Sendable {
  /// Profiles of clean embeddings, one an agent.
  public let profiles: [EmbeddingProfile]
  /// The score above which an agent's block is outside.
  public let limits: [Float]

  /// - Precondition: A limit a profile.
  public init(profiles: [EmbeddingProfile], limits: [Float]) {
    precondition(profiles.count == limits.count)
    self.profiles = profiles
    self.limits = limits
  }

  /// The gate of a calibration.
  public init(_ calibration: Calibration) {
    self.init(profiles: calibration.profiles, limits: calibration.gateLimits)
  }

  /// The region that each agent's block has to be in to pass.
  public var regions: [AcceptedRegion] { zip(profiles, limits).map { AcceptedRegion(profile: $0, limit: $1) } }

  /// A batch behind the gate.
  public struct Passage: Sendable {
    /// The observation that the purifier gets.
    public var observation: Observation
    /// Whether a block is outside what clean ones are: [n, M], row-major; false for a missing one.
    public var outside: [Bool]
    /// The gate's outcomes, one a sample.
    public var outcomes: [GateOutcome]
  }

  /// Judges each sample by itself.
  public func apply(to observation: Observation) -> Passage {
    let layout = observation.layout
    precondition(layout.count == profiles.count)
    var passage = Passage(
      observation: observation, outside: [Bool](repeating: false, count: observation.observed.count), outcomes: [])
    passage.outcomes.reserveCapacity(observation.samples)
    var outside: [Int] = []
    for sample in 0..<observation.samples {
      blocks(outside: &outside, of: sample, in: observation)
      for block in outside { passage.outside[sample * layout.count + block] = true }
      let spoke = observation.observedCount(of: sample)
      guard !outside.isEmpty else {
        passage.outcomes.append(.passed)
        continue
      }
      guard 2 * (spoke - outside.count) >= spoke else {
        passage.outcomes.append(.overruled)
        continue
      }
      for block in outside { passage.observation.withhold(block: block, of: sample) }
      passage.outcomes.append(.withheld)
    }
    return passage
  }
  /// Finds the observed blocks of a sample that do not pass.
  private func blocks(outside: inout [Int], of sample: Int, in observation: Observation) {
    outside.removeAll(keepingCapacity: true)
    let layout = observation.layout
    let start = sample * layout.totalWidth
    profiles.withUnsafeBufferPointer { profiles in
      observation.embeddings.values.withUnsafeBufferPointer { values in
        for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
          let first = start + layout.offsets[block]
          let received = UnsafeBufferPointer(rebasing: values[first..<first + layout.widths[block]])
          // Blocks that are not finite have a score that is no number.
          if !(profiles[block].score(received) <= limits[block]) { outside.append(block) }
        }
      }
    }
  }
}
