import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// The codes that agents can reach, compared with those that they reach when they try.
@Suite("Reachable codes")
struct ReachableCodesTests {
  /// A line with noisy honest blocks, and a solver of it.
  struct Line {
    let layout: BlockLayout
    let manifold: LinearManifold
    let clean: Observation
    let purifier: GatedPurifier

    /// - Parameter limit: Of the gate; nil for none.
    init(
      _ widths: [Int], seed: UInt64, samples: Int = 4, noise: Float = 0.3, limit: Float? = nil, dead: Int? = nil
    ) throws {
      var generator = SeededGenerator(seed: seed)
      let layout = BlockLayout(widths: widths)
      self.layout = layout
      var direction = generator.normalMatrix(rows: 1, columns: layout.totalWidth)
      if let dead { for column in layout[dead] { direction[0, column] = 0 } }
      let length = direction.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in direction.values.indices { direction.values[index] /= length }
      let offset = generator.normalMatrix(rows: 1, columns: layout.totalWidth).values
      manifold = LinearManifold(layout: layout, offset: offset, directions: direction, blockScale: 1.5)
      func rows(_ count: Int) -> Matrix {
        var rows = Matrix.product(
          generator.normalMatrix(rows: count, columns: 1, standardDeviation: 2), direction)
        rows.addToEachRow(offset)
        rows.add(generator.normalMatrix(rows: count, columns: layout.totalWidth, standardDeviation: noise))
        return rows
      }
      let profiles = try EmbeddingProfile.fitting(rows(300), layout: layout)
      clean = Observation(layout: layout, embeddings: rows(samples))
      purifier = GatedPurifier(
        purifier: Purifier(manifold: manifold),
        gate: limit.map { limit in EmbeddingGate(profiles: profiles, limits: profiles.map { _ in limit }) })
    }

    /// The solutions in double precision, of what passes the gate.
    func codes(_ observation: Observation) -> [Double] {
      let passed = purifier.gate?.apply(to: observation).observation ?? observation
      let converged = purifier.purifier.purify(passed).reports.map(\.converged)
      #expect(converged.allSatisfy { $0 })
      return (purifier.purifier.preciseCodes(passed) ?? []).map { $0[0] }
    }

    /// A block that asks for a code, off the line by some vector.
    func block(_ block: Int, asking code: Float, off: [Float]) -> [Float] {
      zip(layout[block], off).map { manifold.offset[$0] + code * manifold.directions[0, $0] + $1 }
    }
  }

  /// Everything that some agents try on each sample: silence, blocks that ask for codes near and far, on the line and off.
  private func attacks(_ line: Line, _ agents: [Int], seed: UInt64) -> [Observation] {
    var generator = SeededGenerator(seed: seed, purpose: "attacks")
    var attacks: [Observation] = []
    for number in 0..<400 {
      var attack = line.clean
      for sample in 0..<attack.samples {
        for agent in agents {
          if number == 0 || number > 60 && generator.uniform(0, 1) < 0.1 {
            attack.withhold(block: agent, of: sample)
            continue
          }
          let sizes: [Float] = [1e-3, 0.1, 1, 3, 10, 1e3, 1e6]
          // At first all agents pull one way, then each its own.
          let common = number <= 14 ? sizes[(number - 1) / 2] * (number % 2 == 0 ? 1 : -1) : nil
          let code = common ?? sizes[Int(generator.uniform(0, 6.99))] * Float(generator.normal())
          let off = number <= 30 ? 0 : sizes[Int(generator.uniform(0, 6.99))]
          let noise = generator.normalMatrix(rows: 1, columns: line.layout.widths[agent], standardDeviation: off)
          var block = line.block(agent, asking: code, off: noise.values)
          if number % 3 == 2, let region = line.purifier.gate?.regions[agent] { block = region.nearby(block[...]) }
          attack.set(block: agent, of: sample, to: block)
        }
      }
      attacks.append(attack)
    }
    return attacks
  }

  /// The codes that attacks reach, sample by sample.
  private func reached(_ line: Line, _ agents: [Int], seed: UInt64) -> [CodeInterval] {
    let codes = attacks(line, agents, seed: seed).map { line.codes($0) }
    return (0..<line.clean.samples).map { sample in
      let all = codes.map { $0[sample] }
      return CodeInterval(lower: all.min() ?? 0, upper: all.max() ?? 0)
    }
  }

  @Test(
    "Without a gate no attack leaves the interval, and attacks come near both its ends", arguments: [UInt64](0..<12))
  func tight(seed: UInt64) throws {
    let line = try Line([3, 2, 4, 1, 3, 2], seed: seed)
    let sets = [[0], [3], [1, 5], [3, 4]]
    for agents in sets {
      let intervals = try ReachableCodes(line.purifier).intervals(of: line.clean, against: .these(Set(agents)))
      let reached = reached(line, agents, seed: seed)
      for sample in 0..<line.clean.samples {
        guard let interval = intervals[sample]?.first, intervals[sample]?.count == 1 else { continue }
        #expect(interval.lower <= reached[sample].lower && reached[sample].upper <= interval.upper, "\(agents)")
        // The margin for the solver's tolerance is far smaller than this.
        let slack = 0.02 * (interval.upper - interval.lower) + 1e-3
        #expect(reached[sample].lower - interval.lower < slack, "\(agents) \(seed)")
        #expect(interval.upper - reached[sample].upper < slack, "\(agents) \(seed)")
      }
    }
  }

  @Test("Behind a gate no attack leaves the intervals, whether it stands or is overruled", arguments: [UInt64](0..<8))
  func gated(seed: UInt64) throws {
    let line = try Line([3, 2, 4, 1, 3, 2], seed: seed, limit: 1.1)
    let open = GatedPurifier(purifier: line.purifier.purifier)
    for agents in [[0], [1, 5], [0, 2, 3]] {
      let compromised = CompromisedAgents.these(Set(agents))
      let intervals = try ReachableCodes(line.purifier).intervals(of: line.clean, against: compromised)
      let ungated = try ReachableCodes(open).intervals(of: line.clean, against: compromised)
      for attack in attacks(line, agents, seed: seed) {
        for (sample, code) in line.codes(attack).enumerated() {
          guard let intervals = intervals[sample] else { continue }
          #expect(intervals.contains { $0.contains(code) }, "\(agents): \(code) is not in \(intervals)")
        }
      }
      for (gated, ungated) in zip(intervals, ungated) where gated != nil && ungated != nil {
        // The first is that of a gate that stands. Honest blocks that it withholds move it, but most samples have none.
        #expect(gated![0].upper - gated![0].lower <= 2 * (ungated![0].upper - ungated![0].lower))
      }
    }
  }

  @Test("A gate keeps attackers from pulling to where no block may lie, even if they are stronger than the others")
  func gateLimits() throws {
    let line = try Line([2, 2, 2, 2, 2], seed: 4, limit: 1.2)
    let open = GatedPurifier(purifier: line.purifier.purifier)
    let strengths = (0..<5).map { block in
      line.layout[block].reduce(Float(0)) { $0 + line.manifold.directions[0, $1] * line.manifold.directions[0, $1] }
    }
    let strongest = (0..<5).sorted { strengths[$0] > strengths[$1] }.prefix(2)
    let compromised = CompromisedAgents.these(Set(strongest))
    #expect(try ReachableCodes(open).intervals(of: line.clean, against: compromised).allSatisfy { $0 == nil })
    for intervals in try ReachableCodes(line.purifier).intervals(of: line.clean, against: compromised) {
      #expect((intervals?.count ?? 0) == 1 && (intervals?[0].reach ?? .infinity) < 30)
    }
  }

  @Test("Any q agents reach what the worst q reach", arguments: [UInt64](0..<6))
  func worst(seed: UInt64) throws {
    for limit in [nil, Float(1.3)] {
      let line = try Line([3, 2, 4, 1, 3, 2, 2], seed: seed, limit: limit)
      let reachable = try ReachableCodes(line.purifier)
      for count in 0...2 {
        let any = reachable.intervals(of: line.clean, against: .any(count))
        let sets = subsets(of: 7, size: count)
        let each = sets.map { reachable.intervals(of: line.clean, against: .these(Set($0))) }
        for sample in 0..<line.clean.samples {
          // With the gate's outcome open, the sets' states are not comparable one by one.
          guard let worst = any[sample], worst.count == 1 else { continue }
          let ends = each.compactMap { $0[sample]?.first }
          #expect(ends.count == sets.count)
          let lower = ends.map(\.lower).min() ?? 0
          let upper = ends.map(\.upper).max() ?? 0
          #expect(worst[0].lower <= lower + 1e-9 && upper - 1e-9 <= worst[0].upper)
          #expect(abs(worst[0].lower - lower) < 1e-3 && abs(worst[0].upper - upper) < 1e-3, "\(count) of seed \(seed)")
        }
      }
    }
  }

  private func subsets(of agents: Int, size: Int) -> [[Int]] {
    size == 0 ? [[]] : (0..<agents).flatMap { last in subsets(of: last, size: size - 1).map { $0 + [last] } }
  }

  @Test("Nobody compromised: the solution itself, to the solver's tolerance; missing blocks and blocks off the code")
  func nobody() throws {
    let line = try Line([3, 2, 4, 1], seed: 9, samples: 6, dead: 1)
    var observation = line.clean
    for sample in 1..<6 { observation.withhold(block: sample % 4, of: sample) }
    let intervals = try ReachableCodes(line.purifier).intervals(of: observation, against: .these([]))
    for (interval, code) in zip(intervals, line.codes(observation)) {
      let only = try #require(interval?.first)
      #expect(only.contains(code) && only.upper - only.lower < 1e-3)
    }
  }

  @Test("Blocks that match one code exactly hold the solution there", arguments: [Float(0), 1e-7])
  func kinks(noise: Float) throws {
    let line = try Line([2, 3, 2, 2, 3], seed: 21, samples: 3, noise: noise)
    for agents in [[0], [2, 3]] {
      let intervals = try ReachableCodes(line.purifier).intervals(of: line.clean, against: .these(Set(agents)))
      let reached = reached(line, agents, seed: 21)
      for sample in 0..<3 {
        let interval = try #require(intervals[sample]?.first)
        #expect(interval.lower <= reached[sample].lower && reached[sample].upper <= interval.upper)
      }
    }
  }

  @Test("Half of the strength moves the solution without limit; nothing honest leaves nothing to solve")
  func unlimited() throws {
    let line = try Line([2, 2, 2], seed: 3)
    let reachable = try ReachableCodes(line.purifier)
    #expect(reachable.intervals(of: line.clean, against: .these([0, 1])).allSatisfy { $0 == nil })
    #expect(reachable.intervals(of: line.clean, against: .any(2)).allSatisfy { $0 == nil })
    #expect(reachable.intervals(of: line.clean, against: .these([0, 1, 2])).allSatisfy { $0 == nil })
    let nothing = Observation(layout: line.layout, samples: 2)
    #expect(reachable.intervals(of: nothing, against: .these([])).allSatisfy { $0 == nil })
    var broken = line.clean
    broken.set(block: 0, of: 1, to: [.nan, 1])
    let intervals = reachable.intervals(of: broken, against: .these([]))
    #expect(intervals[0] != nil && intervals[1] == nil)
  }

  @Test("Honest blocks outside of the gate: withheld, or used where the agents can have the gate overruled")
  func overruling() throws {
    let line = try Line([2, 2, 2, 2, 2, 2], seed: 5, samples: 1, limit: 1.5)
    func states(outside: Int, against agents: Set<Int>) throws -> Int {
      var observation = line.clean
      for block in 0..<outside { observation.set(block: block, of: 0, to: [50, 50]) }
      return try ReachableCodes(line.purifier).intervals(of: observation, against: .these(agents))[0]?.count ?? 0
    }
    // None of five honest is outside, one liar: 5 of 6 are inside at least.
    #expect(try states(outside: 0, against: [5]) == 1)
    // One of five, and the liar: 4 of 6 inside.
    #expect(try states(outside: 1, against: [5]) == 1)
    // Two of five, and the liar: 3 of 6, still half.
    #expect(try states(outside: 2, against: [5]) == 1)
    // Two of four, and both liars: 2 of 6.
    #expect(try states(outside: 2, against: [4, 5]) == 2)
    // Four of six and nobody lies: overruled as it is.
    #expect(try states(outside: 4, against: []) == 1)
  }

  @Test("A manifold of more dimensions, or a curved one, has no such interval: the rule and what it is")
  func otherManifolds() throws {
    let plane = try SyntheticManifold(widths: [3, 3], dimension: 2, samples: 1, seed: 1).manifold
    let line = try SyntheticManifold(widths: [3, 3], dimension: 1, samples: 1, seed: 1).manifold
    for (manifold, words) in [
      (plane as any Manifold, "(actual: linear, code 2)"),
      (kinkedAutoencoder(of: line), "(actual: autoencoder, code 1)"),
    ] {
      let error = #expect(throws: CopurError.self) {
        try ReachableCodes(GatedPurifier(purifier: Purifier(manifold: manifold)))
      }
      #expect(error?.code == .configuration && error?.message.hasSuffix(words) == true, "\(error?.message ?? "")")
    }
  }
}
