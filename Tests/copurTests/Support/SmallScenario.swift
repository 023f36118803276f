/// A scenario on a small part of Fashion-MNIST that trains and plays in a few seconds.
struct SmallScenario {
  static let agents = ["top-left", "top-right", "bottom-left", "bottom-right"]
  static let defenses = ["unsecured", "manifold-projection", "copur-paper", "copur"]
  static let rows = 200

  /// The attacks, a line of YAML each.
  var attacks = [
    "{ name: clean }",
    "{ name: flip, kind: feature-flipping, agents: [bottom-right], amplification: 10 }",
    "{ name: pgd, kind: pgd, goal: targeted, target: Bag, agents: [bottom-right], step: 0.5, iterations: 30 }",
    """
    { name: missing and flip, all: [ { kind: missing, agents: [top-left] }, \
    { kind: feature-flipping, agents: [bottom-right], amplification: 10 } ] }
    """,
  ]
  static let attackNames = ["clean", "flip", "pgd", "missing and flip"]

  /// The value of the key `defenses`, in YAML; nil to leave it out.
  var defenses: String?
  /// Keys of the extractors' training, in YAML.
  var extractors = "embedding: 8, epochs: 5"
  var seeds = [0]
  var trainRows = 1000
  var code = "8"
  // Long enough that a busy machine makes no agent late, since every late sample is played again.
  var deadline = "1s"
  /// The verdicts that are certified.
  var certify = "cheap"

  /// So many attacks that a test can look on while they are played, and end the run before they are all done.
  static var long: SmallScenario {
    let amplifications = (1...400).map(String.init).joined(separator: ", ")
    return SmallScenario(
      attacks: ["{ name: flip, kind: feature-flipping, agents: [top-left], amplification: [\(amplifications)] }"])
  }

  var text: String {
    """
    name: small
    dataset: { kind: fashion-mnist, train_rows: \(trainRows), test_rows: \(Self.rows) }
    agents: [\(Self.agents.joined(separator: ", "))]
    training:
      { \(extractors), learning_rate: 0.05, hidden: 32, slope: 0, fusion: { epochs: 10, learning_rate: 0.02 } }
    manifold: { kind: linear, code: \(code) }
    attacks:
    \(attacks.map { "  - \($0)" }.joined(separator: "\n"))
    rounds: { deadline: \(deadline), certify: \(certify) }
    seeds: \(seeds)
    \(defenses.map { "defenses: \($0)" } ?? "")
    """
  }
}
