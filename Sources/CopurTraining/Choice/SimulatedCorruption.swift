package import CopurCore
internal import CopurNumerics

/// A corruption that a defence is tried against on training rows: random agents, a few at a time, drawn anew for each
/// sample.
package struct SimulatedCorruption {
  /// The ways in which an agent is corrupted.
  package enum Kind {
    /// Sends −10 times its embedding.
    case flipped
    /// Sends another sample's embedding, three times as large.
    case replaced
    /// Sends nothing.
    case withheld
  }

  package let kind: Kind
  /// The number of agents that are.
  package let agents: Int

  /// One and several agents of each kind, up to three tenths of all agents.
  package static func all(agents: Int) -> [SimulatedCorruption] {
    let several = max(1, agents * 3 / 10)
    var all: [SimulatedCorruption] = []
    for kind in [Kind.flipped, .replaced, .withheld] {
      all.append(SimulatedCorruption(kind: kind, agents: 1))
      if several > 1 { all.append(SimulatedCorruption(kind: kind, agents: several)) }
    }
    return all
  }

  /// An agent without a reading of a sample says nothing of it, whatever it is to do.
  package func apply(to clean: Observation, seed: UInt64) -> Observation {
    var generator = SeededGenerator(seed: seed, purpose: "corruption \(kind) \(agents)")
    var corrupted = clean
    var others: [Int: [Int]] = [:]
    for sample in 0..<clean.samples {
      for block in generator.permutation(clean.layout.count).prefix(agents)
      where clean.isObserved(block: block, of: sample) {
        let columns = clean.layout[block]
        switch kind {
        case .flipped: corrupted.set(block: block, of: sample, to: columns.map { -10 * clean.embeddings[sample, $0] })
        case .replaced:
          let heard = others[block] ?? clean.samples(observing: block)
          others[block] = heard
          let other = heard[Int.random(in: 0..<heard.count, using: &generator)]
          corrupted.set(block: block, of: sample, to: columns.map { 3 * clean.embeddings[other, $0] })
        case .withheld: corrupted.withhold(block: block, of: sample)
        }
      }
    }
    return corrupted
  }
}
