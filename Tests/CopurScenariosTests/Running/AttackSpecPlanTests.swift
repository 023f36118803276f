import CopurAttacks
import CopurCore
import CopurScenarios
import Testing

struct AttackSpecPlanTests {
  private static let roster = Result {
    try AgentRoster(agents: try ["a", "b", "c", "d"].map { try AgentID($0) }, widths: [1, 1, 1, 1])
  }

  private func agents(_ names: String...) throws -> [AgentID] { try names.map { try AgentID($0) } }

  @Test("Agents become their positions in the model, whatever order the scenario has")
  func positions() throws {
    let spec = AttackSpec(
      name: "x", missing: try agents("d", "a"),
      adversarial: [
        .init(agents: try agents("c"), attack: FeatureFlipping(amplification: 3)),
        .init(agents: try agents("b"), attack: ProjectedGradientDescent(goal: .untargeted, step: 2, iterations: 7)),
      ])
    let plan = try spec.plan(for: Self.roster.get())
    #expect(plan.missing == [3, 0])
    #expect(plan.compromised == [1, 2])
    #expect(plan.parts.map(\.blocks) == [[2], [1]])
    #expect((plan.parts[0].attack as? FeatureFlipping)?.amplification == 3)
    let descent = try #require(plan.parts[1].attack as? ProjectedGradientDescent)
    #expect(descent.step == 2 && descent.iterations == 7 && descent.goal == .untargeted)
    #expect(descent.direction == .normalized)
  }

  @Test("A search is among the model's agents, and an adaptive attack knows the defence")
  func search() throws {
    let spec = AttackSpec(
      name: "x",
      search: .init(
        candidates: try agents("d", "b"), budget: 2,
        attack: AdaptiveDescent(descent: ProjectedGradientDescent(goal: .untargeted, step: 2), restarts: 3),
        goal: .targeted(label: 1), limit: 5))
    let search = try #require(try spec.plan(for: Self.roster.get()).search)
    #expect(search.candidates == [3, 1] && search.budget == 2 && search.limit == 5)
    #expect(search.goal == .targeted(label: 1) && search.strategy == .greedy)
    let attack = try #require(search.attack as? AdaptiveDescent)
    #expect(attack.isAdaptive && attack.restarts == 3 && attack.descent.step == 2)
  }

  @Test("An agent that the model does not have, or with two parts to play")
  func refusals() throws {
    let unknown = #expect(throws: CopurError.self) {
      try AttackSpec(name: "x", missing: try agents("e")).plan(for: Self.roster.get())
    }
    #expect(unknown?.code == .configuration)
    #expect(unknown?.message.contains("(actual: \"e\", the model's: [a, b, c, d])") == true)
    let twice = #expect(throws: CopurError.self) {
      try AttackSpec(
        name: "x", missing: try agents("a"),
        adversarial: [.init(agents: try agents("a"), attack: FeatureFlipping(amplification: 1))]
      ).plan(for: Self.roster.get())
    }
    #expect(twice?.message.contains("agents by position: [0]") == true)
  }

  @Test(
    "What an attack wants of each sample",
    arguments: [
      (nil, 2, [nil, nil]),
      (ProjectedGradientDescent(goal: .untargeted), 2, [nil, nil]),
      (ProjectedGradientDescent(goal: .targeted(label: nil)), 2, [1, 0]),
      (ProjectedGradientDescent(goal: .targeted(label: 1)), 2, [1, 1]),
      (ProjectedGradientDescent(goal: .targeted(label: 7)), 10, [7, 7]),
    ] as [(ProjectedGradientDescent?, Int, [Int?])])
  func targets(settings: ProjectedGradientDescent?, classes: Int, expected: [Int?]) throws {
    let flipping = AttackSpec.Part(agents: try agents("a"), attack: FeatureFlipping(amplification: 1))
    let descent = try settings.map { AttackSpec.Part(agents: try agents("b"), attack: $0) }
    let spec = AttackSpec(name: "x", adversarial: [flipping] + (descent.map { [$0] } ?? []))
    #expect(spec.targets(labels: [0, 1], classes: classes) == expected)
  }
}
