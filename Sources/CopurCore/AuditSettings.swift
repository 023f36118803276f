/// The settings of an audit of training rows before a training: its `robust` section.
///
/// No share of bad rows has to be known. Each row is judged by the agents that have no part in it.
public struct AuditSettings: Hashable, Sendable, Codable {
  /// Whether labels that the agents together say are wrong are replaced.
  public var labels = true
  /// Whether agents are looked for whose blocks alone explain labels that all others deny: those with a trigger.
  public var triggers = true
  /// Whether blocks are withheld that are far from an agent's others while the other agents see nothing unusual.
  public var blocks = true

  /// Everything is looked for.
  public init() {}

  /// The settings of the section `robust`.
  public static var settings: [Setting<AuditSettings>] {
    [
      .boolean("labels", \.labels, "whether labels that the agents together say are wrong are replaced"),
      .boolean(
        "triggers", \.triggers, "whether agents are named whose blocks alone explain labels that all others deny"),
      .boolean(
        "blocks", \.blocks,
        "whether blocks far from an agent's others, of which the other agents see nothing, are withheld"),
    ]
  }
}
