public import CopurCore
internal import CopurNumerics

/// The codes to which compromised agents can move the solution of a purification on a manifold of one dimension.
///
/// Purification minimises Σ_{i∈Ω} ‖U_i·z − g_i‖ over the code z, g_i = h_i − μ_i (CoPur, Eq. 5 with D(z) = μ + U·z). The sum
/// is convex, and a block adds to its subgradient a number from [−‖U_i‖, ‖U_i‖], whatever the block holds and wherever z is;
/// a silent one adds 0. So whatever compromised agents S do, the solution is a point at which the slope of the honest
/// blocks' sum is in [−c_S, c_S], c_S = Σ_{i∈S} ‖U_i‖. These points are an interval, found by bisection, and with it there
/// is no probability: no attack leaves it. It is infinite where c_S is not under the honest agents' Σ ‖U_i‖.
///
/// A gate in front limits what S can send, and an attacker only pulls towards codes that a block can ask for which the gate
/// lets through: û_iᵀg_i/‖U_i‖ for û_i = U_i/‖U_i‖, bounded over the gate's region. On the other hand S can take part in
/// whether the gate is overruled, by what is sent and by silence. There are two cases, each with an interval of its own where
/// S can bring it about:
///
/// - The gate stands. Honest blocks that are outside are withheld, S is inside or withheld.
/// - The gate is overruled. All honest blocks are used, S sends anything.
///
/// The intervals are of the solver, not of the ideal problem: norms are smoothed as the solver's, which changes neither that
/// the sum is convex nor how strong a block can pull; and they are wider by the solver's tolerance, within which it knows the
/// minimum to be (`LineMinimum`) whatever is sent, and by rounding.
public struct ReachableCodes: Sendable {
  /// The gate and the purifier behind it.
  public let purifier: GatedPurifier
  private let line: LineGeometry
  /// The pull that each agent's block has within the gate.
  private let attackers: [AttackerPull]
  private let scale: Double

  /// - Parameter purifier: Of a linear manifold of one dimension.
  /// - Throws: ``CopurError`` of code `.configuration` that says the manifold's dimension and kind, if it is another one.
  public init(_ purifier: GatedPurifier) throws {
    guard let line = purifier.purifier.line else {
      let manifold = purifier.purifier.manifold
      let kind = manifold is any AffineManifold ? "linear" : "autoencoder"
      throw CopurError(
        .configuration,
        "a certificate needs a linear manifold of one dimension (actual: \(kind), code \(manifold.codeWidth))")
    }
    self.purifier = purifier
    self.line = line.geometry
    scale = line.scale
    let regions = purifier.gate?.regions
    attackers = (0..<line.geometry.layout.count).map { Self.attacker($0, on: line.geometry, within: regions?[$0]) }
  }

  private static func attacker(
    _ block: Int, on line: LineGeometry, within region: AcceptedRegion?
  ) -> AttackerPull {
    let strength = line.strengths[block]
    guard let region, strength > 0 else { return .unlimited(strength: strength) }
    let unit = line.layout[block].map { line.direction[$0] / strength }
    let middle = zip(unit, line.layout[block]).reduce(0) { $0 + $1.0 * line.offset[$1.1] }
    let upper = region.support(along: unit) - middle
    let lower = -region.support(along: unit.map { -$0 }) - middle
    // A gate that lets nothing through leaves its agent silent.
    return AttackerPull(
      strength: strength, targets: CodeInterval(lower: min(lower, upper) / strength, upper: upper / strength))
  }

  /// The intervals of a batch.
  ///
  /// - Parameters:
  ///   - observation: What honest agents send, of all agents; what it has of compromised ones does not matter, nor whether
  ///     it has any.
  ///   - compromised: Positions of the manifold's agents.
  /// - Returns: For each sample an interval for each state of the gate that can be brought about; nil if there is none in
  ///   which the solution would stay, or nothing honest to solve for.
  public func intervals(of observation: Observation, against compromised: CompromisedAgents) -> [[CodeInterval]?] {
    precondition(observation.layout == purifier.purifier.manifold.layout)
    let outside = purifier.gate?.apply(to: observation).outside
    return (0..<observation.samples).map { sample in
      let (observed, obstacle) = observation.solvableBlocks(of: sample)
      guard obstacle == nil else { return nil }
      let start = sample * observation.layout.count
      let blocks = Blocks(
        observed: Set(observed), outside: Set(observed.filter { outside?[start + $0] ?? false }),
        pulls: Dictionary(
          uniqueKeysWithValues: observed.map { ($0, line.pull(of: $0, sample, in: observation)) }))
      var intervals: [CodeInterval] = []
      for contest in contests(blocks, compromised) {
        guard let interval = contest.interval() else { return nil }
        intervals.append(interval)
      }
      return intervals
    }
  }

  /// The observed blocks of a sample.
  private struct Blocks {
    let observed: Set<Int>
    /// Those that the gate would withhold.
    let outside: Set<Int>
    /// By position.
    let pulls: [Int: BlockPull]
  }

  /// The contests in the states of the gate that can be brought about.
  private func contests(_ blocks: Blocks, _ compromised: CompromisedAgents) -> [PullContest] {
    guard purifier.gate != nil else { return [contest(blocks.observed, blocks, compromised, isGated: false)] }
    var contests: [PullContest] = []
    if canStand(blocks, compromised) {
      contests.append(contest(blocks.observed.subtracting(blocks.outside), blocks, compromised, isGated: true))
    }
    if canBeOverruled(blocks, compromised) {
      contests.append(contest(blocks.observed, blocks, compromised, isGated: false))
    }
    return contests
  }

  /// Whether the gate can be made to stand, which it does if at least half of those that speak are inside: best if all of
  /// S speak and are inside.
  private func canStand(_ blocks: Blocks, _ compromised: CompromisedAgents) -> Bool {
    switch compromised {
    case .these(let agents):
      let outside = blocks.outside.subtracting(agents).count
      return outside == 0 || blocks.observed.subtracting(agents).count + agents.count >= 2 * outside
    case .any(let count):
      // At best they are those outside, or were silent.
      return blocks.observed.count + count >= 2 * (blocks.outside.count - count)
    }
  }

  /// Whether the gate can be made to be overruled: best if all of S speak and are outside.
  private func canBeOverruled(_ blocks: Blocks, _ compromised: CompromisedAgents) -> Bool {
    switch compromised {
    case .these(let agents):
      let honest = blocks.observed.subtracting(agents).count
      return 2 * blocks.outside.subtracting(agents).count + agents.count > honest
    case .any(let count):
      // At best they are observed ones inside.
      return 2 * (blocks.outside.count + count) > blocks.observed.count
    }
  }

  /// - Parameter used: The blocks that are used of honest agents.
  private func contest(
    _ used: Set<Int>, _ blocks: Blocks, _ compromised: CompromisedAgents, isGated: Bool
  ) -> PullContest {
    let attackers = isGated ? attackers : line.strengths.map { .unlimited(strength: $0) }
    switch compromised {
    case .these(let agents):
      return PullContest(
        honest: used.subtracting(agents).sorted().compactMap { blocks.pulls[$0] },
        candidates: agents.sorted().map { .init(attacker: attackers[$0], honest: nil) },
        compromised: agents.count, tolerance: purifier.purifier.settings.tolerance, scale: scale)
    case .any(let count):
      return PullContest(
        honest: [],
        candidates: attackers.indices.map { agent in
          .init(attacker: attackers[agent], honest: used.contains(agent) ? blocks.pulls[agent] : nil)
        },
        compromised: count, tolerance: purifier.purifier.settings.tolerance, scale: scale)
    }
  }
}
