/// The training that a model came from, in words for people.
public struct ModelTraining: Hashable, Sendable, Encodable {
  /// The model's version: the page shows the words only while this model decides.
  public var version: String
  /// The training in a few words: "trained by the scenario quick, seed 0".
  public var words: String
  /// The findings of training about the model, a sentence each.
  public var findings: [String]

  /// - Parameter findings: A sentence each.
  public init(version: String, words: String, findings: [String]) {
    self.version = version
    self.words = words
    self.findings = findings
  }
}
