/// The settings of an audit of training rows before a training: its `robust` section.
///
/// No share of bad rows has to be known. Each row is judged by the agents that have no part in it.
public struct AuditSettings: Hashable, Sendable, Codable {
  /// By what an agent's rows are looked at.
  public enum Views: String, Hashable, Sendable, Codable, CaseIterable {
    /// Its features, which needs those of all agents in one process.
    case features
    /// Its embeddings by first weights, before anything is learned: what a fusion center gets of agents in processes of their
    /// own. The same in one process.
    case embeddings
  }

  /// By what an agent's rows are looked at.
  public var views = Views.features
  /// Whether labels that the agents together say are wrong are replaced.
  public var labels = true
  /// Whether agents are looked for whose blocks alone explain labels that all others deny: those with a trigger.
  public var triggers = true
  /// Whether blocks are withheld that are far from an agent's others while the other agents see nothing unusual.
  public var blocks = true

  /// Everything is looked for.
  public init() {}

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // Bundles that were written before there was a choice looked at features.
    views = try container.decodeIfPresent(Views.self, forKey: .views) ?? .features
    labels = try container.decode(Bool.self, forKey: .labels)
    triggers = try container.decode(Bool.self, forKey: .triggers)
    blocks = try container.decode(Bool.self, forKey: .blocks)
  }

  /// The settings of the section `robust`.
  public static var settings: [Setting<AuditSettings>] {
    [
      .choice(
        "views", \.views, of: "views of agents' rows",
        "by what an agent's rows are looked at: its features, or, as over the network, its embeddings by first weights"),
      .boolean("labels", \.labels, "whether labels that the agents together say are wrong are replaced"),
      .boolean(
        "triggers", \.triggers, "whether agents are named whose blocks alone explain labels that all others deny"),
      .boolean(
        "blocks", \.blocks,
        "whether blocks far from an agent's others, of which the other agents see nothing, are withheld"),
    ]
  }
}
