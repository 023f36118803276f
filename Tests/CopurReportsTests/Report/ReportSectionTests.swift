import CopurCore
import CopurReports
import Foundation
import Testing

struct ReportSectionTests {
  private static let main =
    "Accuracy of each defence under each attack, in percent; below it, smaller, balanced accuracy"

  @Test("The first screen: a sentence with the best worst case, and the main table")
  func overview() throws {
    var run = SampleRun()
    run.add("unsecured", "clean", accuracies: [0.8, 0.8], balanced: 0.8)
    run.add("copur", "clean", accuracies: [0.9, 0.9], balanced: 0.9)
    for (attack, unsecured, copur) in [("a", 0.4, 0.85), ("b", 0.3, 0.86)] {
      run.add(
        "unsecured", attack, kinds: ["pgd"], goal: "targeted", compromised: ["time"],
        accuracies: [unsecured, unsecured],
        balanced: unsecured, success: 0.6)
      run.add(
        "copur", attack, kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [copur, copur],
        balanced: copur, success: 0.1)
    }
    let page = try run.page()
    #expect(page.texts("h1") == ["sample"])
    #expect(
      page.texts("p").contains(
        "copur holds up best: under the worst of 2 attacks, “a”, it is right on 85.0\u{A0}% of the samples (95\u{A0}% "
          + "interval 81.5 to 88.2), and nothing is certified of it. Without a defence it is 30.0\u{A0}% (25.8 to 34.3), "
          + "under “b”. Always guessing the most frequent class is right on 71.6\u{A0}%."))
    #expect(
      page.table(Self.main) == [
        ["attack", "unsecured", "copur"],
        [
          "the worst for eachof 2 attacks, by accuracy; 95 % interval of the accuracy",
          "▽\u{A0}30.0 ± 0.030.0 ± 0.025.8 to 34.3b", "85.0 ± 0.085.0 ± 0.081.5 to 88.2a",
        ],
        ["cleannobody is attacked", "80.0 ± 0.080.0 ± 0.0", "90.0 ± 0.090.0 ± 0.0"],
        ["atime: targeted PGD", "▽\u{A0}40.0 ± 0.040.0 ± 0.0", "85.0 ± 0.085.0 ± 0.0"],
        ["btime: targeted PGD", "▽\u{A0}30.0 ± 0.030.0 ± 0.0", "86.0 ± 0.086.0 ± 0.0"],
      ])
    #expect(
      page.table("Attack success in percent")?.dropFirst().map { $0.dropFirst().joined(separator: "|") } == [
        "60.0 ± 0.0|10.0 ± 0.0", "60.0 ± 0.0|10.0 ± 0.0",
      ])
  }

  @Test("What an attacker knows stands under the attack; rows of earlier programs do not say")
  func knowledge() throws {
    var run = SampleRun()
    run.add("copur", "old", kinds: ["pgd"], compromised: ["time"], accuracies: [0.5], balanced: 0.5)
    run.add("copur", "new", kinds: ["adaptive-pgd"], compromised: ["time"], accuracies: [0.4], balanced: 0.4)
    run.rows[1].knowledge = "defense"
    #expect(
      try run.page().table(Self.main)?.dropFirst().map { $0[0] } == [
        "the worst for eachof 2 attacks, by accuracy; 95 % interval of the accuracy", "oldtime: PGD",
        "newtime: adaptive-PGD; knows the whole defence",
      ])
  }

  @Test("The first sentence: against whom, how sure, what is certified, and who is too close to tell")
  func lead() throws {
    var run = SampleRun()
    run.agents = ["acc", "time"]
    func add(_ defense: String, _ accuracy: Double, knows: String) {
      run.add(
        defense, "a \(knows)", kinds: ["adaptive-pgd"], compromised: ["time"], accuracies: [accuracy],
        balanced: accuracy
      ) {
        $0.knowledge = knows
        $0.accuracyDeviation = 0.03
      }
    }
    for knows in ["model", "defense"] {
      add("votes", knows == "model" ? 0.9 : 0.84, knows: knows)
      add("copur", 0.82, knows: knows)
      add("unsecured", 0.1, knows: knows)
    }
    run.certificates = [
      CertificateTableTests.row(.any(1), "votes", right: 27, certified: 24),
      CertificateTableTests.row(.any(2), "votes", right: 27, certified: 21),
    ]
    let page = try run.page()
    let lead = try #require(page.texts("p").first { $0.hasPrefix("Against") })
    // 0.84 ± 1.96 · 0.03; of 240 samples that have no spread, Wilson’s interval of 192.
    #expect(
      lead.hasPrefix(
        "Against attackers who know the whole defence, votes holds up best: under the worst of 2 attacks, “a defense”, it is "
          + "right on 84.0\u{A0}% of the samples (95\u{A0}% interval 78.1 to 89.9), and 80.0\u{A0}% (74.5 to 84.6) are "
          + "certified to stay right whatever any one agent does. Too close to tell from it: copur (82.0\u{A0}%). Without a "
          + "defence it is 10.0\u{A0}%"), "\(lead)")
    #expect(!lead.contains("Nobody here knew"))
    run.rows.removeAll { $0.knowledge == "defense" }
    let open = try run.page().texts("p").first { $0.hasPrefix("Against") }
    #expect(
      open?.hasPrefix("Against attackers who know the fusion model, though not the defence, votes holds up") == true
        && open?.hasSuffix("Nobody here knew the whole defence; who does can do more harm.") == true, "\(open ?? "")")
  }

  @Test("Each defence and attack has its line, and agents their numbers")
  func kinds() throws {
    var run = SampleRun()
    run.agents = ["acc", "time"]
    run.defenses = [RunRecord.Defense(name: "mine", kind: "copur", summary: "What `copur` is.")]
    run.attackKinds = [RunRecord.AttackKind(kind: "pgd", summary: "Follows the gradient.")]
    run.add("mine", "2 lies", kinds: ["pgd"], compromised: ["time"], accuracies: [0.8])
    let section = try #require(run.page().element(id: "kinds"))
    #expect(Page.elements("dt", in: section).map(Page.text) == ["Agents", "mine", "2 lies"])
    #expect(
      Page.elements("dd", in: section).map(Page.text) == [
        "acc\u{A0}(1), time\u{A0}(2)", "copur: What copur is.", "time\u{A0}(2): PGD. Follows the gradient.",
      ])
  }

  @Test("An older run, whose success counted more, says so; a newer one does not")
  func olderSuccess() throws {
    var run = SampleRun()
    run.add("copur", "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.8], success: 0.25)
    #expect(try run.page().texts("p").contains { $0.hasPrefix("These rows are of an older version") })
    run.rows[0].accuracyDeviation = 0.02
    #expect(try !run.page().source.contains("older version"))
  }

  @Test("Many columns are folded into tables under one another, and a wide table says that it scrolls")
  func folding() throws {
    var run = SampleRun()
    for number in 1...20 { run.add("defence-\(number)", "clean", accuracies: [0.8]) }
    let page = try run.page()
    let heads = ["1", "2"].compactMap { page.table("\(Self.main) (\($0) of 2)")?.first }
    #expect(heads.map(\.count) == [11, 11])
    #expect(heads.flatMap { $0.dropFirst() } == (1...20).map { "defence-\($0)" })
    let hints = page.texts("p").count { $0.hasPrefix("The table scrolls sideways") }
    #expect(hints >= 2)
    var small = SampleRun()
    small.add("copur", "clean", accuracies: [0.8])
    #expect(try !small.page().source.contains("scrolls sideways"))
  }

  @Test("Certificates: a curve a defence over how many may lie, with the majority, and a line in the main table")
  func certificates() throws {
    var run = SampleRun()
    for defense in ["unsecured", "copur", "votes"] {
      run.add(defense, "flip", kinds: ["pgd"], compromised: ["time"], accuracies: [0.5], balanced: 0.5)
    }
    #expect(try run.page().element(id: "certificates") == nil)
    run.certificates = [
      CertificateTableTests.row(.any(1), "copur", right: 24, certified: 15),
      CertificateTableTests.row(.any(2), "copur", right: 24, certified: 6),
      CertificateTableTests.row(.any(1), "votes", right: 27, certified: 24),
      CertificateTableTests.row(.any(2), "votes", right: 27, certified: 21),
    ]
    let page = try run.page()
    #expect(
      page.table(Self.main)?.map { Array($0.prefix(4)) }.dropFirst().prefix(2) == [
        [
          "certified, any one agentwhatever is sent or withheld: proven, not tried", "–",
          "▽\u{A0}50.0 ± 0.037.5 ± 0.0", "80.0 ± 0.070.0 ± 0.0",
        ],
        [
          "certified, any two agentswhatever is sent or withheld: proven, not tried", "–",
          "▽\u{A0}20.0 ± 0.015.0 ± 0.0", "70.0 ± 0.055.0 ± 0.0",
        ],
      ])
    #expect(
      page.table("Certified accuracy in percent; below it, smaller, balanced") == [
        ["defence", "nobody is attacked", "any one agent", "any two agents"],
        ["copur", "80.0 ± 0.070.0 ± 0.0", "▽\u{A0}50.0 ± 0.037.5 ± 0.0", "▽\u{A0}20.0 ± 0.015.0 ± 0.0"],
        ["votes", "90.0 ± 0.085.0 ± 0.0", "80.0 ± 0.070.0 ± 0.0", "70.0 ± 0.055.0 ± 0.0"],
      ])
    let section = try #require(page.element(id: "certificates"))
    let drawn = Page.elements("desc", in: section).map(Page.text)
    #expect(
      drawn.first?.contains("votes: 0: 90.0 ± 0.0 %, 1: 80.0 ± 0.0 %, 2: 70.0 ± 0.0 %") == true
        && drawn.first?.contains("majority class, dashed: 66.7 %") == true, "\(drawn)")
  }

  @Test("Defences are compared under the attacks that all of them were measured under, and called weak if they are")
  func partial() throws {
    var run = SampleRun()
    for (defense, attack, accuracy) in [
      ("a", "first", 0.1), ("b", "first", 0.2), ("a", "second", 0.9), ("b", "clean", 0.9),
    ] {
      run.add(
        defense, attack, kinds: attack == "clean" ? [] : ["pgd"], compromised: ["time"], accuracies: [accuracy],
        balanced: accuracy)
    }
    #expect(
      try run.page().texts("p").contains {
        $0.hasPrefix(
          "b does best, but does not hold up: under the worst (and only) attack, “first”, it is right on 20.0\u{A0}% of the "
            + "samples (95\u{A0}% interval 16.4 to 23.9), and nothing is certified of it.")
      })
    run.rows.removeAll { $0.attack == "first" && $0.defense == "b" }
    #expect(try run.page().texts("p").contains("No attack was played against every defence."))
  }

  @Test("A defence that is told who lies is not the best, whatever it reaches")
  func oracles() throws {
    var run = SampleRun()
    run.defenses = [
      RunRecord.Defense(name: "copur", kind: "copur"), RunRecord.Defense(name: "o", kind: "oracle", isOracle: true),
    ]
    for (defense, accuracy) in [("copur", 0.8), ("o", 0.9)] {
      run.add(
        defense, "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [accuracy],
        balanced: accuracy)
    }
    let page = try run.page()
    #expect(
      page.texts("p").contains {
        $0.hasPrefix(
          "copur holds up: under the worst (and only) attack, “a”, it is right on 80.0\u{A0}% of the samples")
      })
    #expect(page.table(Self.main)?.first == ["attack", "copur", "otold who lies"])
    let best = page.elements("span").filter { $0.value("class") == "best" }
    #expect(best.map { Page.text(of: $0) } == ["80.0"])
  }

  @Test("Attacks that differ in the amplification or in who flips are curves, the paper's figures named")
  func curves() throws {
    var run = SampleRun()
    func flip(_ name: String, _ agents: [String], _ amplification: Double, missing: [String] = []) {
      run.add(
        "copur", name, kinds: missing.isEmpty ? ["feature-flipping"] : ["missing", "feature-flipping"],
        compromised: agents, missing: missing, amplification: amplification, accuracies: [0.8, 0.9])
    }
    for amplification in [20.0, 1, 10] { flip("2a \(amplification)", ["phone", "environment", "time"], amplification) }
    for amplification in [1.0, 3] { flip("2b \(amplification)", ["time"], amplification, missing: ["audio"]) }
    flip("one", ["time"], 10)
    flip("lonely", ["acc"], 7)
    let page = try run.page()
    #expect(
      page.texts("h3").filter { $0.hasPrefix("Over") } == [
        "Over the amplification, as in figure 2a", "Over the amplification, as in figure 2b",
        "Over the number of lying agents, as in figure 3",
      ])
    let description = try #require(page.element(id: "curve-0-accuracy-description"))
    #expect(
      Page.text(of: description)
        == "copur: 1: 85.0 ± 7.1 %, 10: 85.0 ± 7.1 %, 20: 85.0 ± 7.1 %. majority class, dashed: 71.6 %.")
    let agents = try #require(page.element(id: "curve-2-balanced-description"))
    #expect(Page.text(of: agents) == "copur: 10: 50.0 ± 0.0 %, 8–10: 50.0 ± 0.0 %.")
    #expect(
      page.table("accuracy, %") == [
        ["defence", "1", "10", "20"], ["copur", "85.0 ± 7.1", "85.0 ± 7.1", "85.0 ± 7.1"],
      ])
  }

  @Test("Residuals: who lies and who is missing is said in words and by shape")
  func residuals() throws {
    var run = SampleRun()
    func residuals(_ audio: Quartiles?) -> (inout ResultRow) -> Void {
      {
        $0.residuals = [
          AgentResiduals(agent: "audio", quartiles: audio),
          AgentResiduals(agent: "time", quartiles: Quartiles(lower: 2, median: 4, upper: 8)),
        ]
      }
    }
    run.add("copur", "clean", accuracies: [0.8], change: residuals(Quartiles(lower: 0, median: 1, upper: 2)))
    run.add(
      "copur", "flip", kinds: ["missing", "feature-flipping"], compromised: ["time"], missing: ["audio"],
      amplification: 10, accuracies: [0.8], change: residuals(nil))
    let page = try run.page()
    #expect(
      Page.text(of: try #require(page.element(id: "residual-0-1-description")))
        == "audio\u{A0}(1): missing. time\u{A0}(2) (compromised): median 4.00, quartiles 2.00 and 8.00.")
    #expect(
      Page.text(of: try #require(page.element(id: "residual-0-0-description")))
        == "audio\u{A0}(1): median 1.00, quartiles 0 and 2.00. time\u{A0}(2): median 4.00, quartiles 2.00 and 8.00.")
  }

  @Test("Suspects and what is recovered, where a defence has them")
  func measures() throws {
    var run = SampleRun()
    run.add("unsecured", "flip", kinds: ["feature-flipping"], compromised: ["time"], accuracies: [0.8])
    run.add("copur", "flip", kinds: ["feature-flipping"], compromised: ["time"], accuracies: [0.8]) {
      $0.suspects = SuspectRates(precision: 0.75, recall: 1, falseAlarmRate: 0.02)
      $0.alarms = AlarmRates(recall: 0.5, falseRate: 0.01)
      $0.reconstruction = ReconstructionError(mean: 2.5, quartiles: Quartiles(lower: 1, median: 2, upper: 3))
    }
    run.add("copur", "clean", accuracies: [0.9, 0.9]) {
      $0.falseAlarms = [AgentFalseAlarms(agent: "time", rate: 0.25), AgentFalseAlarms(agent: "audio", rate: nil)]
    }
    let page = try run.page()
    #expect(
      page.table("Clean rows in which an honest agent is named suspect, in percent") == [
        ["agent", "copur"], ["time\u{A0}(1)", "25.0"], ["audio\u{A0}(2)", "–"],
      ])
    #expect(
      page.table("Suspects’ precision, recall and false alarms, in percent") == [
        ["", "copur"], ["attack", "precision", "recall", "false alarms", "alarm", "false alarm raised"],
        ["fliptime\u{A0}(1): feature-flipping", "75.0", "100.0", "2.0", "50.0", "1.0"],
        ["cleannobody is attacked", "–", "–", "–", "–", "–"],
      ])
    #expect(
      page.table("Mean reconstruction error, in the embedding’s unit") == [["attack", "copur"], ["flip", "2.50"]])
    let plain = try { () throws -> Page in
      var run = SampleRun()
      run.add("unsecured", "clean", accuracies: [0.8])
      return try run.page()
    }()
    for id in ["suspects", "reconstruction", "residuals", "curves", "manifold", "success"] {
      #expect(plain.element(id: id) == nil, "\(id)")
    }
  }

  @Test("How much was changed, and why an attack may be weaker than it looks, once for all seeds")
  func strength() throws {
    var run = SampleRun()
    run.add(
      "copur", "search", kinds: ["worst-combination", "pgd"], compromised: ["time"], accuracies: [0.8, 0.8],
      success: 0.2
    ) {
      $0.changeNorm = 2.5
      $0.search = "greedy"
      $0.warnings = ["gradients are masked"]
    }
    let page = try run.page()
    #expect(page.table(Self.main)?.last?.first == "searchPGD of the worst agents, sought for each sample")
    #expect(
      page.table("‖sent − honest‖₂ over the lying agents’ blocks, mean over the samples, in the embedding’s unit")?.last
        == ["search", "2.50 ± 0"])
    #expect(page.texts("li").contains("search against copur: gradients are masked (seeds 0 and 1)"))
  }

  @Test("Defences with a manifold of their own have a part of their own")
  func manifolds() throws {
    let json = """
      {"seed": 0, "model_version": "abc", "manifold": "autoencoder", "code": 4, "tolerated_agents": 0, "candidates": [],
       "leverage": [], "calibration": {"false_alarm_rate": 0.01, "rows": 0}, "defenses": ["DEFENSE"]}
      """
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var record = SampleRun().record
    record.bundles = try ["copur", "curved", "copur"].map {
      try decoder.decode(RunRecord.Bundle.self, from: Data(json.replacing("DEFENSE", with: $0).utf8))
    }
    let page = try Page(RunReport(record: record, rows: []).html)
    let section = try #require(page.element(id: "manifold"))
    #expect(Page.elements("h3", in: section).map { Page.text(of: $0) } == ["Of copur", "Of curved"])
    // A header and a row for each seed.
    #expect(Page.elements("tr", in: section).count == 2 + 2 + 1)
    #expect(Page.text(of: section).contains("Dimension of its code: 4, as the scenario says."))
  }

  @Test("The manifold: the choice and its reason, δ, and Theorem 2's condition, proven, refuted or open")
  func manifold() throws {
    let json = """
      {"seed": 3, "model_version": "abc", "manifold": "linear", "code": 1, "candidate_margin": 0.01,
       "tolerated_agents": 1, "candidates": [
         {"code": 1, "clean": 0.79, "corrupted": 0.77, "corrupted_without_gate": 0.7},
         {"code": 2, "clean": 0.8, "corrupted": 0.77, "corrupted_without_gate": 0.7}],
       "trainings": [{"changes": [], "code": 1, "clean": 0.76, "corrupted": 0.7, "is_taken": false},
         {"changes": ["hidden: 3", "slope: 0"], "code": 1, "clean": 0.79, "corrupted": 0.77, "is_taken": true}],
       "leverage": [{"corrupted": 1, "bound": 0.75, "attained": 0.75}, {"corrupted": 2, "bound": 0.4, "attained": 0.6},
         {"corrupted": 3, "bound": 0.2, "attained": 0.3}],
       "leverage_with_missing": [
         {"missing": ["acc", "audio"], "constants": [{"corrupted": 1, "bound": 0.625, "attained": 0.625}]}],
       "calibration": {"false_alarm_rate": 0.01, "rows": 860,
         "reconstruction": {"value": 62.02, "rate": 0.99, "confidence": 0.972}}}
      """
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var record = SampleRun().record
    record.bundles = [try decoder.decode(RunRecord.Bundle.self, from: Data(json.utf8))]
    let page = try Page(RunReport(record: record, rows: []).html)
    let section = Page.text(of: try #require(page.element(id: "manifold")))
    #expect(
      section.contains(
        "within one percentage point of the best: seed 3: 1 (78.0\u{A0}%; the best, 2, has 78.5\u{A0}%)."))
    #expect(
      page.table("Ways to train: the mean on held-out training rows, %, by seed") == [
        ["training", "seed 3"], ["as the scenario says", "73.0code 1"], ["hidden: 3, slope: 0", "78.0code 1, taken"],
      ])
    #expect(
      page.table("The bound δ of clean embeddings, by seed")?.last
        == ["3", "1", "860", "62.0", "99 % of samples", "97.2 %"])
    #expect(
      page.table("Leverage constants and Theorem 2’s condition, by seed") == [
        ["seed", "q = 1", "q = 2", "q = 3"],
        [
          "3", "0.750exact✓\u{A0}holds", "0.400 to 0.600bound and attained?\u{A0}not proven",
          "0.200 to 0.300bound and attained✗\u{A0}does not hold",
        ],
      ])
    #expect(
      page.table("The same where agents are silent, by seed") == [
        ["silent agents, seed", "q = 1"], ["acc and audio, 3", "0.625exact✓\u{A0}holds"],
      ])
    #expect(page.element(id: "candidates-0-description") != nil)
  }
}
