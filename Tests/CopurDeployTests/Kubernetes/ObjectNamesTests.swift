import CopurCore
import CopurDeploy
import Testing

struct ObjectNamesTests {
  private func names(_ agents: [String], prefix: String = "copur") throws -> [String] {
    let agents = try agents.map { try AgentID($0) }
    let names = try ObjectNames(prefix: prefix, agents: agents)
    return agents.map { names.agent($0) }
  }

  @Test("An agent's objects are called as it is, where that is a label of DNS")
  func plain() throws {
    #expect(try names(["top-left", "a1"]) == ["copur-agent-top-left", "copur-agent-a1"])
  }

  @Test(
    "Whatever agents are called, their objects have labels of DNS, no two the same",
    arguments: ["copur", String(repeating: "p", count: 30)])
  func labels(prefix: String) throws {
    let long = String(repeating: "x", count: 63)
    let agents = [
      "a", "A", "a.b", "a_b", "a-b", "A-B", "a-", "a--", "9", "0.1", "on", long + "1", long + "2",
      long.uppercased() + "1",
      "a" + String(repeating: "-", count: 60), "a" + String(repeating: ".", count: 60),
    ]
    let labels = try names(agents, prefix: prefix)
    #expect(Set(labels).count == agents.count, "\(labels)")
    for label in labels {
      #expect(ObjectNames.isLabel(label) && label.hasPrefix("\(prefix)-agent-"), "\(label)")
      // Secrets and policies have a suffix.
      #expect(ObjectNames.isLabel("\(label)-rows"), "\(label)")
    }
  }

  @Test("Agents that have the labels of another's changed name keep theirs, and it gets one all the same")
  func taken() throws {
    // Each turn takes the label that the changed name had in the turn before.
    var agents = ["A"]
    for _ in 0..<5 {
      let changed = try #require(try names(agents).first).dropFirst("copur-agent-".count)
      agents.append(String(changed))
      let labels = try names(agents)
      #expect(
        Set(labels).count == agents.count
          && labels.dropFirst().elementsEqual(agents.dropFirst().map { "copur-agent-\($0)" }))
    }
  }

  @Test("A name stays whoever else there is")
  func stable() throws {
    #expect(try names(["B", "A.1"])[1] == names(["A.1", "zz", "a-1"])[0])
  }

  @Test(
    "A prefix is short and a label", arguments: ["", "-a", "a-", "A", "9a", "a.b", String(repeating: "p", count: 31)])
  func prefix(_ prefix: String) {
    #expect(throws: CopurError.self) { try ObjectNames(prefix: prefix, agents: []) }
  }
}
