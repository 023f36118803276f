extension RoundSettings {
  /// The `rounds:` section.
  ///
  /// - Parameter agents: How many agents there are, the highest quorum.
  init(parsing node: SchemaNode, agents: Int) throws(ScenarioError) {
    let section = try node.mapping(of: "rounds", keys: ["deadline", "quorum"])
    self.init()
    if let value = section["deadline"] { deadline = try value.duration() }
    if let value = section["quorum"] { quorum = try value.integer(atLeast: 1, atMost: agents) }
  }
}
