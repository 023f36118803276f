import CopurReports
import Testing

struct PaperTableTests {
  private static let targeted =
    "Targeted: PGD on agent 10’s embedding, 30 steps of size 0.5 without projection, towards the opposite label. Table 1 "
    + "is the first row, table 2 the second."
  private static let untargeted = "Untargeted: agent 10 sends −10 times its embedding."

  private func run(_ change: (inout SampleRun) -> Void) throws -> Page {
    var run = SampleRun()
    change(&run)
    return try run.page()
  }

  @Test("Ours above the paper's, mean ± sample standard deviation, and the difference with its sign and symbol")
  func cells() throws {
    let page = try run {
      $0.add("unsecured", "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.30, 0.32])
      $0.add("copur", "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.85, 0.87])
      $0.add("of-our-own", "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.9])
    }
    // The deviations by hand: 0.01 · √2; the differences 31 − 40.4 and 86 − 79.
    #expect(
      page.table(Self.targeted) == [
        ["attack", "unsecured Unsecured", "copur Proposed"].map { $0.replacing(" ", with: "") },
        ["#10 targeta", "31.0 ± 1.4paper 40.4 ± 16.9▼\u{A0}−9.4", "86.0 ± 1.4paper 79.0 ± 5.0▲\u{A0}+7.0"],
      ])
  }

  @Test(
    "Each of the paper's rows on ExtraSensory is found by who is silent, who lies and how",
    arguments: [
      (["audio"], "pgd", "paper 79.1 ± 4.5"), (["audio", "phone"], "pgd", "paper 81.1 ± 2.6"),
      (["audio", "acc"], "pgd", "paper 71.6 ± 9.0"), (["audio"], "feature-flipping", "paper 82.7 ± 2.8"),
      (["audio", "phone"], "feature-flipping", "paper 81.9 ± 2.7"), ([], "feature-flipping", "paper 82.6 ± 2.7"),
      (["acc", "audio"], "feature-flipping", "paper 80.1 ± 4.0"), ([], "", "paper 85.7 ± 0.4"),
      (["audio"], "", "paper 86.1 ± 0.8"), (["phone", "audio"], "", "paper 85.5 ± 0.3"),
      (["acc", "audio"], "", "paper 82.2 ± 2.0"),
    ])
  func rows(missing: [String], kind: String, expected: String) throws {
    let page = try run {
      $0.add(
        "copur-paper", "any name", kinds: (missing.isEmpty ? [] : ["missing"]) + (kind.isEmpty ? [] : [kind]),
        goal: kind == "pgd" ? "targeted" : nil, compromised: kind.isEmpty ? [] : ["time"], missing: missing,
        amplification: kind == "feature-flipping" ? 10 : nil, accuracies: [0.8])
    }
    let section = try #require(page.element(id: "paper"))
    #expect(Page.text(of: section).contains(expected))
    #expect(Page.elements("table", in: section).count == 1)
  }

  @Test("What only resembles a row of the paper's is not compared with it")
  func others() throws {
    let page = try run {
      $0.add(
        "copur", "x5", kinds: ["feature-flipping"], compromised: ["time"], amplification: 5, accuracies: [0.8])
      $0.add(
        "copur", "two", kinds: ["feature-flipping"], compromised: ["environment", "time"], amplification: 10,
        accuracies: [0.8])
      $0.add("copur", "away", kinds: ["pgd"], goal: "untargeted", compromised: ["time"], accuracies: [0.8])
      $0.add("copur", "adaptive", kinds: ["adaptive-pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.8])
      $0.add("copur", "1 misses", kinds: ["missing"], missing: ["acc"], accuracies: [0.8])
    }
    #expect(page.element(id: "paper") == nil)
  }

  @Test("Another user's rows are not compared, and the report says why; another data set's are not mentioned")
  func otherData() throws {
    let otherUser = try run {
      $0.user = "5EF64122-B513-46AE-BCF1-E62AAC285D2C"
      $0.add("copur", "clean", accuracies: [0.8])
    }
    let section = try #require(otherUser.element(id: "paper"))
    #expect(Page.text(of: section).contains("not compared") && Page.elements("table", in: section).isEmpty)
    let otherSet = try run {
      $0.dataset = "fashion-mnist"
      $0.add("copur", "clean", accuracies: [0.8])
    }
    #expect(otherSet.element(id: "paper") == nil)
  }

  @Test("A defence is compared by its kind, and one that was trained on an attack by that attack's goal")
  func kinds() throws {
    let page = try run {
      $0.defenses = [
        RunRecord.Defense(name: "at", kind: "adversarial-training", goal: "targeted"),
        RunRecord.Defense(name: "at2", kind: "adversarial-training", goal: "untargeted"),
        RunRecord.Defense(name: "block", kind: "randomized-smoothing-block", isOracle: true),
      ]
      for name in ["at", "at2", "block"] {
        $0.add(name, "a", kinds: ["pgd"], goal: "targeted", compromised: ["time"], accuracies: [0.5])
        $0.add(
          name, "b", kinds: ["feature-flipping"], compromised: ["time"], amplification: 10, accuracies: [0.5])
        $0.add(name, "clean", accuracies: [0.8])
      }
    }
    #expect(
      page.table(Self.targeted)?.last == [
        "#10 targeta", "50.0paper 19.8 ± 34.1▲\u{A0}+30.2", "50.0paper 42.0 ± 17.8▲\u{A0}+8.0",
      ])
    #expect(page.table(Self.untargeted)?.first == ["attack", "at2Adv Train", "blockRand Smooth Block"])
    #expect(
      page.table("Clean accuracy: nobody is attacked.")?.first
        == ["attack", "atAdv Train", "at2Adv Train", "blockRand Smooth Block"])
  }

  @Test("NUS-WIDE has tables of its own, by the numbers of its four agents")
  func nusWide() throws {
    let page = try run {
      $0.dataset = "nus-wide"
      $0.add(
        "copur", "a", kinds: ["missing", "pgd"], goal: "targeted", compromised: ["text-2"], missing: ["image-1"],
        accuracies: [0.7])
      $0.add(
        "unsecured", "b", kinds: ["feature-flipping"], compromised: ["text-2"], amplification: 10, accuracies: [0.684])
    }
    #expect(page.texts("h3").filter { $0.hasPrefix("Table") } == ["Tables 1 and 3", "Table 4"])
    #expect(
      page.table("Untargeted: agent 4 sends −10 times its embedding.")?.last == [
        "#4 untargetb", "–paper 82.1 ± 0.7", "68.4paper 68.4 ± 17.5=\u{A0}0.0",
      ])
    let section = Page.text(of: try #require(page.element(id: "paper")))
    #expect(section.contains("70.0paper 71.8 ± 2.0▼\u{A0}−1.8") && section.contains("68.4paper 68.4 ± 17.5=\u{A0}0.0"))
  }
}
