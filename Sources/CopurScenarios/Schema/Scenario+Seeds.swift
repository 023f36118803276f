extension Scenario {
  /// The same scenario with other seeds.
  ///
  /// - Parameter seeds: At least one.
  public func withSeeds(_ seeds: [UInt64]) -> Scenario {
    precondition(!seeds.isEmpty)
    return Scenario(
      name: name, dataset: dataset, agents: agents, training: training, manifold: manifold, threat: threat,
      defenses: defenses,
      attacks: attacks, timeline: timeline, rounds: rounds, launch: launch, seeds: seeds, source: source)
  }
}
