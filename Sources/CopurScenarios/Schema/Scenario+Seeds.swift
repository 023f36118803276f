extension Scenario {
  /// The same scenario with other seeds.
  ///
  /// - Parameter seeds: At least one.
  public func withSeeds(_ seeds: [UInt64]) -> Scenario {
    precondition(!seeds.isEmpty)
    var scenario = self
    scenario.seeds = seeds
    return scenario
  }
}
