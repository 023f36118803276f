public import CopurReports

/// A scenario with some keys that take several values: a run for each of its points.
///
/// ```yaml
/// sweep:
///   training.embedding: [8, 16, 32]
///   manifold.code: { from: 1, to: 3 }
/// ```
///
/// has nine points, `embedding=8,code=1` the first. A list in place of the mapping names the points one by one.
public struct Sweep: Sendable {
  /// A value for each axis, and the scenario that has them.
  public struct Point: Sendable {
    /// The name in results and the name of the folder, such as `embedding=16,code=2`.
    public let name: String
    /// A value for each of the sweep's axes, as text.
    public let values: [String]
    /// The scenario.
    public let scenario: Scenario
  }

  /// The most points of a sweep.
  package static let maximumPoints = 10_000

  /// The scenario's name.
  public let name: String
  /// The keys, in the order of the file.
  public let axes: [SweepRecord.Axis]
  /// The points, in the order in which they are run: of a product, the last axis changes first.
  public internal(set) var points: [Point]
  /// The file's text, as a record of what was run.
  public let source: String
  /// The settings of the command line.
  public let settings: [String]

  /// The same sweep with other seeds at every point.
  ///
  /// - Parameter seeds: At least one.
  public func withSeeds(_ seeds: [UInt64]) -> Sweep {
    var sweep = self
    sweep.points = points.map {
      Point(name: $0.name, values: $0.values, scenario: $0.scenario.withSeeds(seeds))
    }
    return sweep
  }
}
