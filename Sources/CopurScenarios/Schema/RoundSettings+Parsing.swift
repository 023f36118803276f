internal import CopurCore

extension RoundSettings {
  /// The `rounds:` section.
  ///
  /// - Parameter agents: How many agents there are, the highest quorum.
  init(parsing node: SchemaNode, agents: Int) throws(ScenarioError) {
    let section = try node.mapping(of: "rounds", keys: ["deadline", "quorum", "certify"])
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
