internal import CopurCore

extension TrainingSettings {
  private static let keys = [
    "extractor", "extractor_start", "embedding", "epochs", "batch", "learning_rate", "hidden", "slope", "optimizer",
    "fusion", "agent_dropout", "agent_heads", "class_balanced", "equal_energy",
  ]

  /// A `training:` section.
  ///
  /// - Parameter settings: What holds for keys that it leaves out, but for alternatives: those are its own or none.
  init(parsing node: SchemaNode, changing settings: TrainingSettings = TrainingSettings()) throws(ScenarioError) {
    let section = try node.mapping(of: "training", keys: Self.keys + ["validation_rows", "alternatives"])
    try self.init(section, changing: settings.alone)
    if let value = section["validation_rows"] { validationRows = try value.integer(atLeast: 1) }
    guard let list = section["alternatives"] else { return }
    var seen: Set<TrainingSettings> = [self]
    for entry in try list.list(of: "trainings") {
      // All are judged on the same rows, so how many those are is not theirs to say.
      let alternative = try TrainingSettings(
        entry.mapping(of: "an alternative training", keys: Self.keys), changing: alone)
      guard seen.insert(alternative).inserted else {
        throw entry.error("an alternative differs from the training and from other alternatives")
      }
      alternatives.append(alternative)
    }
  }

  private init(_ section: SchemaMapping, changing settings: TrainingSettings) throws(ScenarioError) {
    self = settings
    if let value = section["extractor"] { extractor = try value.choice(of: "an extractor", as: Extractor.self) }
    if let value = section["extractor_start"] {
      extractorStart = try value.choice(of: "an extractor's start", as: ExtractorStart.self)
    }
    if let value = section["embedding"] { embedding = try value.integer(atLeast: 1, atMost: 1 << 20) }
    if let value = section["epochs"] { epochs = try value.integer(atLeast: 1) }
    if let value = section["batch"] { batch = try value.integer(atLeast: 1) }
    if let value = section["learning_rate"] { learningRate = try value.positiveNumber() }
    if let value = section["hidden"] { hidden = try value.integer(atLeast: 1, atMost: 1 << 20) }
    if let value = section["slope"] { slope = try value.fraction() }
    if let value = section["optimizer"] { optimizer = try value.choice(of: "an optimizer", as: Optimizer.self) }
    if let value = section["fusion"] { fusion = try Fusion(parsing: value, changing: fusion) }
    if let value = section["agent_dropout"] { agentDropout = try value.probabilityUnderOne() }
    if let value = section["agent_heads"] { agentHeads = try value.bool() }
    if let value = section["class_balanced"] { classBalanced = try value.bool() }
    if let value = section["equal_energy"] { equalEnergy = try value.bool() }
  }
}

extension TrainingSettings.Fusion {
  fileprivate init(parsing node: SchemaNode, changing settings: Self) throws(ScenarioError) {
    let section = try node.mapping(
      of: "the fusion model's training", keys: ["epochs", "learning_rate", "agent_dropout"])
    self = settings
    if let value = section["epochs"] { epochs = try value.integer(atLeast: 1) }
    if let value = section["learning_rate"] { learningRate = try value.positiveNumber() }
    if let value = section["agent_dropout"] { agentDropout = try value.probabilityUnderOne() }
  }
}
