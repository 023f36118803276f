internal import CopurLearning

/// The settings of an agent's voters, each trained on what is the agent's own and the labels alone: the `voters:` section of
/// a training.
///
/// Averaging kinds of voters is what carries over to later data; choosing among them on a few runs of rows is not.
public struct VoterSettings: Hashable, Sendable, Codable {
  /// Kinds of voters.
  public enum Members: String, Hashable, Sendable, Codable, CaseIterable {
    /// Those that suit the number of classes: logistic regression and trees for two, dense networks for more.
    case auto
    /// Ridge-penalised logistic regression, its penalty chosen on runs of training rows held out; two classes.
    case logistic
    /// Extremely randomized trees.
    case trees
    /// Logistic regression and trees; two classes.
    case logisticAndTrees = "logistic-and-trees"
    /// Dense networks of one hidden layer.
    case dense
    /// Dense networks and trees, and for two classes logistic regression.
    case all
  }

  /// The weights of rows by their class.
  public enum Weighting: String, Hashable, Sendable, Codable, CaseIterable {
    /// Half of the voters count every row alike, half every class alike. Either alone leans to a class when later rows have
    /// more of it, or fewer.
    case both
    /// Every row alike.
    case rows
    /// Every class alike.
    case classes
  }

  /// The place at which voters are trained, and asked.
  public enum Place: String, Hashable, Sendable, Codable, CaseIterable {
    /// With each agent, on its own features: what it sends is their evidence. That takes labels where the features are.
    case agents
    /// At the fusion center, on what each agent sends: its features stay with the agent and the labels with the fusion center.
    case center
  }

  /// The place that is given; nil for with each agent.
  private var at: Place?
  /// The place at which voters are trained, and asked.
  public var place: Place {
    get { at ?? .agents }
    set { at = newValue == .agents ? nil : newValue }
  }
  /// The kinds of voters.
  public var members = Members.auto
  /// The weights of rows by their class, for logistic regression and trees.
  public var weighting: Weighting = .both
  /// The number of trees of a forest; at least 1.
  public var trees = 60
  /// The fewest rows of a tree's leaf; at least 1.
  public var leaf = 5
  /// The number of dense networks; at least 1.
  public var networks = 3
  /// The width of a dense network's hidden layer; at least 1.
  public var hidden = 128
  /// Passes of a dense network's training over the rows; at least 1.
  public var epochs = 30
  /// The largest step size of a dense network's training, over 0.
  public var learningRate: Float = 0.003
  /// The share of a dense network's hidden values that a step of its training leaves out, from 0 to under 1.
  public var dropout: Float = 0.3
  /// The weight decay of a dense network's training, from 0 to 1.
  public var decay: Float = 0.05

  /// The defaults.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case at, members, weighting, trees, leaf, networks, hidden, epochs, dropout, decay
    case learningRate = "learning_rate"
  }

  /// Whether logistic regressions vote among so many classes.
  public func hasLogistic(classes: Int) -> Bool {
    switch members {
    case .auto, .all: classes == 2
    case .logistic, .logisticAndTrees: true
    case .trees, .dense: false
    }
  }

  /// Whether trees vote among so many classes.
  public func hasTrees(classes: Int) -> Bool {
    switch members {
    case .auto: classes == 2
    case .trees, .logisticAndTrees, .all: true
    case .logistic, .dense: false
    }
  }

  /// Whether dense networks vote among so many classes.
  public func hasDense(classes: Int) -> Bool {
    switch members {
    case .auto: classes > 2
    case .dense, .all: true
    case .logistic, .trees, .logisticAndTrees: false
    }
  }

  /// The settings of the section `voters`.
  public static var settings: [Setting<VoterSettings>] {
    [
      .choice(
        "at", \.place, of: "a place of voters",
        "where voters are trained and asked: with each agent, on its own features, or at the fusion center, on what the "
          + "agent sends"),
      .choice("members", \.members, of: "kinds of voters", "the kinds of voters"),
      .choice(
        "weighting", \.weighting, of: "a weighting", "how much a row of each class counts for logistic and trees"),
      .integer("trees", \.trees, 1...10_000, "how many trees a forest has"),
      .integer("leaf", \.leaf, 1...1_000_000, "the fewest rows of a tree's leaf"),
      .integer("networks", \.networks, 1...100, "how many dense networks there are"),
      .integer("hidden", \.hidden, 1...1 << 16, "the width of a dense network's hidden layer"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes of a dense network's training over the rows"),
      .number("learning_rate", \.learningRate, .positive, "the largest step size of a dense network's training"),
      .number(
        "dropout", \.dropout, .underOne,
        "the share of hidden values that a step of a dense network's training leaves out"),
      .number("decay", \.decay, .fraction, "the weight decay of a dense network's training"),
    ]
  }
}
