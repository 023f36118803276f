/// What the CoPur paper reports on ExtraSensory: Liu, Xie, Koyejo and Li, "CoPur: Certifiably Robust Collaborative
/// Inference via Feature Purification", NeurIPS 2022, tables 1, 2, and 5 to 8 (the latter in its supplement).
enum PaperResults {
  static let citation =
    "J. Liu, C. Xie, O. Koyejo and B. Li, “CoPur: Certifiably Robust Collaborative Inference via Feature Purification”, "
    + "NeurIPS 2022"
  /// The data set's name in results.
  static let dataset = "extrasensory"
  /// The user whose rows they are of.
  static let user = "0BFC35E2-4817-4865-BFA7-764742302A2D"
  /// The label that was predicted.
  static let label = "SITTING"
  /// The agents in the paper's order: agent 1 is the first.
  static let agents = [
    "acc", "gyro", "magnet", "watch", "compass", "location", "audio", "phone", "environment", "time",
  ]

  /// A column of the tables.
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

    /// The column that a defence of ours is compared with; nil if the paper has none.
    init?(defense: String) {
      switch defense {
      case "unsecured": self = .unsecured
      case "manifold-projection": self = .manifoldProjection
      case "randomized-smoothing": self = .randomizedSmoothing
      case "block-randomized-smoothing", "randomized-smoothing-block": self = .blockRandomizedSmoothing
      case "randomized-ablation": self = .randomizedAblation
      case "adversarial-training": self = .adversarialTraining
      case "block-adversarial-training": self = .blockAdversarialTraining
      case "copur", "copur-paper": self = .proposed
      default: return nil
      }
    }
  }

  /// An attack as the paper has them.
  enum Attack {
    /// Nobody is attacked.
    case none
    /// Agents are silent.
    case missing
    /// PGD on the embeddings without projection, 30 steps of size 0.5, towards the opposite label; others may be silent.
    case targeted
    /// Feature flipping, h_i = −10 · l_i; others may be silent.
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
    /// What is done in it.
    let setting: String
    let rows: [Row]
  }

  static let tables = [
    Table(
      title: "Tables 1, 2 and 5",
      setting: "Targeted: PGD on agent 10's embedding, 30 steps of size 0.5 without projection, towards the opposite "
        + "label. Table 1 is the first row, table 2 the second.",
      rows: [
        Row(
          title: "#10 target", attack: .targeted, missing: [], compromised: [10],
          results: [
            (40.4, 16.9), (53.6, 35.7), (42.4, 17.9), (42.0, 17.8), (59.6, 27.5), (19.8, 34.1), (0.0, 0.0), (79.0, 5.0),
          ]),
        Row(
          title: "#7 miss, #10 target", attack: .targeted, missing: [7], compromised: [10],
          results: [
            (38.3, 15.7), (52.6, 38.9), (50.5, 1.3), (51.0, 2.5), (60.3, 28.1), (24.6, 26.8), (0.1, 0.1), (79.1, 4.5),
          ]),
        Row(
          title: "#7,8 miss, #10 target", attack: .targeted, missing: [7, 8], compromised: [10],
          results: [
            (36.0, 17.7), (75.2, 7.6), (38.4, 19.0), (37.3, 18.9), (59.7, 29.4), (35.3, 30.6), (0.0, 0.0), (81.1, 2.6),
          ]),
        Row(
          title: "#1,7 miss, #10 target", attack: .targeted, missing: [1, 7], compromised: [10],
          results: [
            (25.2, 17.3), (65.6, 6.6), (26.0, 18.3), (25.9, 17.9), (61.0, 28.6), (10.7, 18.6), (0.0, 0.0), (71.6, 9.0),
          ]),
      ]),
    Table(
      title: "Table 6", setting: "Untargeted: agent 10 sends −10 times its embedding.",
      rows: [
        Row(
          title: "#10 untarget", attack: .untargeted, missing: [], compromised: [10],
          results: [
            (69.6, 8.8), (75.0, 4.4), (70.4, 8.0), (70.2, 8.2), (69.7, 12.0), (78.9, 6.8), (71.1, 5.7), (82.6, 2.7),
          ]),
        Row(
          title: "#7 miss, #10 untarget", attack: .untargeted, missing: [7], compromised: [10],
          results: [
            (68.6, 9.7), (76.0, 3.7), (69.1, 9.4), (69.3, 9.4), (69.8, 11.5), (77.9, 6.1), (70.7, 5.2), (82.7, 2.8),
          ]),
        Row(
          title: "#7,8 miss, #10 untarget", attack: .untargeted, missing: [7, 8], compromised: [10],
          results: [
            (68.1, 8.3), (75.1, 5.1), (68.9, 8.0), (68.9, 7.9), (75.3, 11.4), (75.1, 10.4), (64.2, 15.0), (81.9, 2.7),
          ]),
        Row(
          title: "#1,7 miss, #10 untarget", attack: .untargeted, missing: [1, 7], compromised: [10],
          results: [
            (60.1, 6.2), (68.8, 8.2), (60.4, 6.7), (60.4, 6.7), (69.8, 11.5), (68.7, 8.7), (60.7, 13.7), (80.1, 4.0),
          ]),
      ]),
    Table(
      title: "Table 7", setting: "Missing features: the agents named send nothing.",
      rows: [
        Row(
          title: "#7 miss", attack: .missing, missing: [7], compromised: [],
          results: [
            (84.2, 1.0), (86.2, 1.0), (84.4, 0.9), (84.4, 0.8), (82.4, 3.7), (84.4, 3.8), (82.6, 2.5), (86.1, 0.8),
          ]),
        Row(
          title: "#7,8 miss", attack: .missing, missing: [7, 8], compromised: [],
          results: [
            (83.2, 0.8), (85.5, 1.5), (83.4, 0.4), (83.4, 0.5), (80.6, 3.0), (84.4, 4.0), (84.0, 1.1), (85.5, 0.3),
          ]),
        Row(
          title: "#1,7 miss", attack: .missing, missing: [1, 7], compromised: [],
          results: [
            (78.9, 3.1), (81.5, 0.7), (79.8, 2.3), (79.7, 2.4), (82.4, 3.7), (82.3, 2.0), (75.0, 10.6), (82.2, 2.0),
          ]),
      ]),
    Table(
      title: "Table 8", setting: "Clean accuracy: nobody is attacked.",
      rows: [
        Row(
          title: "clean", attack: .none, missing: [], compromised: [],
          results: [
            (83.5, 0.7), (86.2, 0.8), (83.6, 0.6), (83.7, 0.5), (82.2, 2.9), (84.9, 3.7), (80.3, 6.4), (85.7, 0.4),
          ])
      ]),
  ]
}
