public import CopurCore

/// The part of what a dashboard shows that does not change while the service runs: names, classes, labels.
public struct DashboardModel: Hashable, Sendable {
  /// The service's name, such as the scenario that its bundle was trained for.
  public var name: String
  /// The agents, in the model's order.
  public var agents: [AgentID]
  /// The classes' names; a class without one is shown by its number.
  public var classes: [String]
  /// The right labels by sample number, where they are known.
  public var labels: DashboardLabels?
  /// The training of the model that is served first.
  public var training: ModelTraining?

  /// - Parameters:
  ///   - labels: Nil if the right classes are not known.
  ///   - training: Nil if it is not known.
  public init(
    name: String, agents: [AgentID], classes: [String], labels: DashboardLabels? = nil, training: ModelTraining? = nil
  ) {
    self.name = name
    self.agents = agents
    self.classes = classes
    self.labels = labels
    self.training = training
  }
}

/// Right labels, and where they come from.
public struct DashboardLabels: Hashable, Sendable {
  /// The labels' source, in words for people: "the test rows of extrasensory".
  public var source: String
  /// The class of each sample, by its number; a sample beyond the last has no label.
  public var values: [Int]

  /// - Parameter values: The class of each sample from 0 on.
  public init(source: String, values: [Int]) {
    self.source = source
    self.values = values
  }

  /// The label of a sample; nil if it has none.
  func of(sample: UInt64) -> Int? {
    Int(exactly: sample).flatMap { values.indices.contains($0) ? values[$0] : nil }
  }
}
