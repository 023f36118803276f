import CopurCore
import CopurNumerics
import Testing

@Suite("Agents")
struct AgentTests {
  @Test(
    "names of the narrow alphabet are taken", arguments: ["acc", "A-1_b.c", "7", String(repeating: "x", count: 64)])
  func good(name: String) throws {
    #expect(try AgentID(name).name == name)
  }

  @Test(
    "others are refused with the rule and the value",
    arguments: ["", "-a", ".a", "a b", "a/b", "ä", "a\n", String(repeating: "x", count: 65)])
  func bad(name: String) throws {
    let error = try #require(throws: CopurError.self) { try AgentID(name) }
    #expect(error.message.contains("64 letters") && error.message.contains(name))
  }

  @Test("a roster names each agent once and gives each a width")
  func roster() throws {
    let agents = try ["a", "b"].map { try AgentID($0) }
    #expect(try AgentRoster(agents: agents, widths: [2, 3]).index(of: agents[1]) == 1)
    #expect(throws: CopurError.self) { try AgentRoster(agents: [agents[0], agents[0]], widths: [1, 1]) }
    #expect(throws: CopurError.self) { try AgentRoster(agents: agents, widths: [1, 0]) }
    #expect(throws: CopurError.self) { try AgentRoster(agents: agents, widths: [1]) }
    #expect(throws: CopurError.self) { try AgentRoster(agents: [], widths: []) }
  }
}

@Suite("Standardizer")
struct StandardizerTests {
  @Test("missing values are left out of the statistics and become the mean")
  func missing() {
    let standardizer = Standardizer(fitting: Matrix([[1, 5, .nan], [3, 5, .nan], [.nan, 5, .nan]]))
    #expect(standardizer.means == [2, 5, 0])
    #expect(standardizer.standardDeviations == [1, Standardizer.withoutSpread, Standardizer.withoutSpread])
    #expect(standardizer.apply(to: Matrix([[4, 5, .nan], [.nan, 5, 0]])) == Matrix([[2, 0, 0], [0, 0, 0]]))
  }

  @Test("a sensor that was stuck in training and moves later counts as its mean; of its unit nothing hangs")
  func stuck() {
    // Its values once came as they were: 101,355 beside others around 1.
    let standardizer = Standardizer(
      fitting: Matrix([[101_325, 1e-9, 5], [101_325, 3e-9, .nan], [101_325, 2e-9, 5]]))
    let rows = standardizer.apply(to: Matrix([[101_355, 3e-9, 7], [0, 1e-9, -7]]))
    for row in 0..<2 { #expect(abs(rows[row, 0]) < 1e-6 && abs(rows[row, 2]) < 1e-6) }
    #expect(abs(rows[0, 1] - 1.2247) < 1e-3 && abs(rows[1, 1] + 1.2247) < 1e-3)
  }
}
