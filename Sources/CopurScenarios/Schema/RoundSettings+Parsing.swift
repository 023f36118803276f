internal import CopurCore

extension RoundSettings {
  /// The keys of the section `rounds`.
  static let settings = [
    SettingDescription(
      "deadline", .text("a duration such as 250ms"),
      "how long a round waits after its first block; left out with over 32 agents it is measured, from 250ms on"),
    SettingDescription(
      "quorum", .integer(1...1_000_000), "how many agents have to have contributed for a verdict"),
    SettingDescription(
      "certify",
      .choice(of: "which verdicts are certified", Certification.allCases.map(\.rawValue)),
      "which verdicts say how many agents they withstand: those of which that costs next to nothing, all of which it "
        + "can be said, or none"),
  ]

  /// The `rounds:` section.
  ///
  /// - Parameter agents: How many agents there are, the highest quorum.
  init(parsing node: SchemaNode, agents: Int) throws(ScenarioError) {
    let section = try node.mapping(of: "rounds", keys: Self.settings.map(\.key))
    self.init()
    if let value = section["deadline"] {
      deadline = try value.duration()
      isDeadlineGiven = true
    }
    if let value = section["certify"] {
      certification = try value.choice(of: "which verdicts are certified", as: Certification.self)
    }
    if let value = section["quorum"] { quorum = try value.integer(atLeast: 1, atMost: agents) }
  }
}
