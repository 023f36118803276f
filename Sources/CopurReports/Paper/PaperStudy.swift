/// One data set of the CoPur paper, and what the paper reports on it.
struct PaperStudy {
  /// A column of the paper's tables.
  enum Column: Int, CaseIterable {
    case unsecured, manifoldProjection, randomizedSmoothing, blockRandomizedSmoothing, randomizedAblation
    case adversarialTraining, blockAdversarialTraining, proposed

    /// The paper's name for it.
    var title: String {
      switch self {
      case .unsecured: "Unsecured"
      case .manifoldProjection: "Manifold Proj"
      case .randomizedSmoothing: "Rand Smooth"
      case .blockRandomizedSmoothing: "Rand Smooth Block"
      case .randomizedAblation: "Rand Ablation"
      case .adversarialTraining: "Adv Train"
      case .blockAdversarialTraining: "Block Adv Train"
      case .proposed: "Proposed"
      }
    }

    /// The column that a kind of defence is compared with; nil if the paper has none.
    init?(kind: String) {
      switch kind {
      case "unsecured": self = .unsecured
      case "manifold-projection": self = .manifoldProjection
      case "randomized-smoothing": self = .randomizedSmoothing
      case "randomized-smoothing-block": self = .blockRandomizedSmoothing
      case "randomized-ablation": self = .randomizedAblation
      case "adversarial-training": self = .adversarialTraining
      case "adversarial-training-block": self = .blockAdversarialTraining
      case "copur", "copur-paper": self = .proposed
      default: return nil
      }
    }
  }

  /// An attack as the paper has them; other agents may be silent in each.
  enum Attack: String {
    /// Nobody lies.
    case none
    /// PGD on the embeddings without projection, towards a label.
    case targeted
    /// Feature flipping, h_i = −10 · l_i.
    case untargeted
  }

  /// A row of a table.
  struct Row {
    /// As the paper names it.
    let title: String
    let attack: Attack
    /// The numbers of the agents that are silent, from 1.
    let missing: Set<Int>
    /// The numbers of the agents that lie, from 1.
    let compromised: Set<Int>
    /// Robust accuracy, mean and standard deviation in percent, in the order of ``Column``.
    let results: [(mean: Double, deviation: Double)]
  }

  /// One table, or several that have rows in common.
  struct Table {
    /// Its numbers in the paper, such as "Tables 1, 2 and 5".
    let title: String
    /// The setting in words: who is silent, who lies and how.
    let setting: String
    let rows: [Row]
  }

  /// The data set's name in results.
  let dataset: String
  /// The data set's rows that it is on: keys of a scenario's `dataset:` section and their values.
  let part: [String: String]
  /// The agents in the paper's order: agent 1 is the first.
  let agents: [String]
  let tables: [Table]
}
