/// The CoPur paper's results: Liu, Xie, Koyejo and Li, "CoPur: Certifiably Robust Collaborative Inference via Feature
/// Purification", NeurIPS 2022, tables 1 to 8 (from the third on in its supplement).
enum PaperResults {
  static let citation =
    "J. Liu, C. Xie, O. Koyejo and B. Li, “CoPur: Certifiably Robust Collaborative Inference via Feature Purification”, "
    + "NeurIPS 2022"

  static let studies = [extraSensory, nusWide]

  /// Ten agents, one user's SITTING; tables 1, 2 and 5 to 8.
  static let extraSensory = PaperStudy(
    dataset: "extrasensory",
    part: ["user": "0BFC35E2-4817-4865-BFA7-764742302A2D", "label": "SITTING"],
    agents: ["acc", "gyro", "magnet", "watch", "compass", "location", "audio", "phone", "environment", "time"],
    tables: [
      Table(
        title: "Tables 1, 2 and 5",
        setting: "Targeted: PGD on agent 10’s embedding, 30 steps of size 0.5 without projection, towards the opposite "
          + "label. Table 1 is the first row, table 2 the second.",
        rows: [
          Row(
            title: "#10 target", attack: .targeted, missing: [], compromised: [10],
            results: [
              (40.4, 16.9), (53.6, 35.7), (42.4, 17.9), (42.0, 17.8), (59.6, 27.5), (19.8, 34.1), (0.0, 0.0),
              (79.0, 5.0),
            ]),
          Row(
            title: "#7 miss, #10 target", attack: .targeted, missing: [7], compromised: [10],
            results: [
              (38.3, 15.7), (52.6, 38.9), (50.5, 1.3), (51.0, 2.5), (60.3, 28.1), (24.6, 26.8), (0.1, 0.1), (79.1, 4.5),
            ]),
          Row(
            title: "#7,8 miss, #10 target", attack: .targeted, missing: [7, 8], compromised: [10],
            results: [
              (36.0, 17.7), (75.2, 7.6), (38.4, 19.0), (37.3, 18.9), (59.7, 29.4), (35.3, 30.6), (0.0, 0.0),
              (81.1, 2.6),
            ]),
          Row(
            title: "#1,7 miss, #10 target", attack: .targeted, missing: [1, 7], compromised: [10],
            results: [
              (25.2, 17.3), (65.6, 6.6), (26.0, 18.3), (25.9, 17.9), (61.0, 28.6), (10.7, 18.6), (0.0, 0.0),
              (71.6, 9.0),
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
            title: "#7 miss", attack: .none, missing: [7], compromised: [],
            results: [
              (84.2, 1.0), (86.2, 1.0), (84.4, 0.9), (84.4, 0.8), (82.4, 3.7), (84.4, 3.8), (82.6, 2.5), (86.1, 0.8),
            ]),
          Row(
            title: "#7,8 miss", attack: .none, missing: [7, 8], compromised: [],
            results: [
              (83.2, 0.8), (85.5, 1.5), (83.4, 0.4), (83.4, 0.5), (80.6, 3.0), (84.4, 4.0), (84.0, 1.1), (85.5, 0.3),
            ]),
          Row(
            title: "#1,7 miss", attack: .none, missing: [1, 7], compromised: [],
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
    ])

  /// Four agents, five classes; tables 1, 3 and 4.
  static let nusWide = PaperStudy(
    dataset: "nus-wide", part: [:], agents: ["image-1", "image-2", "text-1", "text-2"],
    tables: [
      Table(
        title: "Tables 1 and 3",
        setting:
          "Targeted: PGD on agent 4’s embedding, 50 steps of size 0.1 without projection, towards “grass”. Table 1 "
          + "is the first row.",
        rows: [
          Row(
            title: "#4 target", attack: .targeted, missing: [], compromised: [4],
            results: [
              (4.5, 0.3), (81.3, 1.2), (41.8, 6.3), (48.7, 10.1), (65.3, 5.3), (8.0, 1.9), (7.3, 1.2), (83.7, 0.9),
            ]),
          Row(
            title: "#1 miss, #4 target", attack: .targeted, missing: [1], compromised: [4],
            results: [
              (4.2, 0.4), (70.7, 2.5), (5.1, 1.1), (44.4, 9.3), (60.9, 1.3), (4.6, 0.3), (4.3, 0.3), (71.8, 2.0),
            ]),
        ]),
      Table(
        title: "Table 4", setting: "Untargeted: agent 4 sends −10 times its embedding.",
        rows: [
          Row(
            title: "#4 untarget", attack: .untargeted, missing: [], compromised: [4],
            results: [
              (68.4, 17.5), (64.3, 11.1), (68.8, 16.9), (70.8, 13.4), (77.2, 2.1), (80.8, 2.5), (80.8, 2.5),
              (82.1, 0.7),
            ]),
          Row(
            title: "#1 miss, #4 untarget", attack: .untargeted, missing: [1], compromised: [4],
            results: [
              (61.7, 15.6), (52.1, 16.7), (62.8, 16.4), (62.3, 12.2), (73.6, 4.6), (69.2, 5.6), (69.2, 5.6),
              (74.1, 2.3),
            ]),
        ]),
    ])

  private typealias Table = PaperStudy.Table
  private typealias Row = PaperStudy.Row
}
