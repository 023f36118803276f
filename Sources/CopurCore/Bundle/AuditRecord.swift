/// The findings of an audit of training rows, as a bundle keeps them.
public struct AuditRecord: Hashable, Sendable, Codable {
  /// Why an agent is named.
  public enum Reason: String, Hashable, Sendable, Codable {
    /// Its blocks alone explain labels that all others deny.
    case trigger
    /// Its blocks are far from its others where the other agents see nothing unusual.
    case blocks
  }

  /// An agent that is named.
  public struct Finding: Hashable, Sendable, Codable {
    /// The agent.
    public var agent: AgentID
    /// Why.
    public var reason: Reason
    /// The class that a trigger stands for, by number; nil for other reasons.
    public var label: Int?
    /// The share of the agent's rows that is thought bad.
    public var share: Double
    /// The area under the curve, cross-fitted, with which the agent's own blocks tell the rows that are thought bad from
    /// others.
    public var own: Double?
    /// The same of all other agents' blocks.
    public var others: Double

    /// - Parameter share: The share of the agent's rows that is thought bad.
    public init(agent: AgentID, reason: Reason, label: Int? = nil, share: Double, own: Double? = nil, others: Double) {
      self.agent = agent
      self.reason = reason
      self.label = label
      self.share = share
      self.own = own
      self.others = others
    }
  }

  /// The number of training rows that were looked at.
  public var rows: Int
  /// The agents that are named, in the order in which they were found.
  public var findings: [Finding] = []
  /// For each true class the share of its rows that bear each label, as estimated; empty if labels were not looked at.
  public var flips: [[Double]] = []
  /// A row whose label is not believed.
  public struct Doubt: Hashable, Sendable, Codable {
    /// Its place among the training rows.
    public var row: Int
    /// The label before.
    public var before: Int
    /// The label afterwards; nil for a row that is not trained on.
    public var after: Int?

    /// - Parameter row: Its place among the training rows.
    public init(row: Int, before: Int, after: Int?) {
      self.row = row
      self.before = before
      self.after = after
    }
  }

  /// The rows whose labels are not believed.
  public var labels: [Doubt] = []
  /// The number of blocks that are withheld.
  public var withheld = 0
  /// Of the rows whose labels are not believed the share whose labels were indeed wrong; nil where the truth is not known, as
  /// outside of simulations.
  public var precision: Double?
  /// The share of the wrong labels that was found.
  public var recall: Double?

  /// - Parameter rows: How many training rows were looked at.
  public init(rows: Int) { self.rows = rows }
}
