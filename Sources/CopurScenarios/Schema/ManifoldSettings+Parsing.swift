internal import CopurCore

extension ManifoldSettings {
  /// A `manifold:` section.
  ///
  /// - Parameters:
  ///   - settings: What holds for keys that it leaves out.
  ///   - embeddingWidth: D, which no code is as wide as.
  init(
    parsing node: SchemaNode, changing settings: ManifoldSettings = ManifoldSettings(), embeddingWidth: Int
  ) throws(ScenarioError) {
    let ofAutoencoder = ["hidden", "slope", "epochs", "learning_rate"]
    let section = try node.mapping(of: "a manifold", keys: ["kind", "code"] + ofAutoencoder)
    self = settings
    if let value = section["kind"] { kind = try value.choice(of: "a manifold's kind", as: Kind.self) }
    if kind == .linear {
      for entry in section.entries where ofAutoencoder.contains(entry.name) {
        throw entry.key.error("\"\(entry.name)\" is an option of the kind autoencoder (kind: linear)")
      }
    }
    if section["code"]?.scalar == "auto" {
      code = nil
    } else if let value = section["code"] {
      guard let text = value.scalar, !value.isQuoted, Int(text) != nil else {
        throw value.mismatch("auto or a whole number")
      }
      code = try value.integer(atLeast: 1)
      guard code ?? 0 < embeddingWidth else {
        throw value.error("a code is narrower than the embedding of all agents (\(embeddingWidth)) (actual: \(text))")
      }
    }
    if let value = section["hidden"] { hidden = try value.integer(atLeast: 1, atMost: 1 << 20) }
    if let value = section["slope"] { slope = try value.fraction() }
    if let value = section["epochs"] { epochs = try value.integer(atLeast: 1) }
    if let value = section["learning_rate"] { learningRate = try value.positiveNumber() }
  }
}
