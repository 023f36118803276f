/// The content of a bundle's `bundle.json`.
public struct BundleManifest: Hashable, Sendable, Codable {
  /// An agent's place in the model.
  public struct Agent: Hashable, Sendable, Codable {
    /// The agent.
    public var name: AgentID
    /// The number of raw features that its extractor takes.
    public var features: Int
    /// d_i, the width of its embedding.
    public var embedding: Int
    /// The way its raw features lie; left out for plain ones.
    public var geometry: FeatureGeometry?
    /// The names of its raw features, in the extractor's order; nil in bundles of before.
    public var columns: [String]?

    /// - Parameters:
    ///   - embedding: d_i, how wide the agent's block is.
    ///   - geometry: How its raw features lie.
    ///   - columns: The names of its raw features, in the extractor's order.
    public init(
      name: AgentID, features: Int, embedding: Int, geometry: FeatureGeometry = .plain, columns: [String]? = nil
    ) {
      self.columns = columns
      self.name = name
      self.features = features
      self.embedding = embedding
      self.geometry = geometry == .plain ? nil : geometry
    }
  }

  /// One part of the bundle.
  public struct Part: Hashable, Sendable, Codable {
    /// The part's name, which its arrays in the weights file begin with.
    public var name: String
    /// The kind of the part; ``BundlePart/kind``.
    public var kind: String
    /// The part's settings besides its arrays.
    public var settings: [String: JSONValue]
  }

  /// One candidate for the manifold's dimension, as judged on held-out training rows.
  public struct Candidate: Hashable, Sendable, Codable {
    /// r, the width of the code.
    public var code: Int
    /// Balanced accuracy on clean rows.
    public var clean: Float
    /// Mean balanced accuracy over the simulated corruptions.
    public var corrupted: Float
    /// The same without the gate, for comparison.
    public var corruptedWithoutGate: Float
    /// The score that it is chosen by: the mean of ``clean`` and ``corrupted``.
    public var score: Float { (clean + corrupted) / 2 }

    /// - Parameter code: r, the manifold's dimension; the others are balanced accuracies, 0 to 1.
    public init(code: Int, clean: Float, corrupted: Float, corruptedWithoutGate: Float) {
      self.code = code
      self.clean = clean
      self.corrupted = corrupted
      self.corruptedWithoutGate = corruptedWithoutGate
    }
  }

  /// One of several ways to train, as judged on held-out training rows.
  public struct JudgedTraining: Hashable, Sendable, Codable {
    /// The settings of extractors and fusion model.
    public var training: TrainingSettings
    /// r, the width of the code that this training gets.
    public var code: Int
    /// Balanced accuracy on clean rows.
    public var clean: Float
    /// Mean balanced accuracy over the simulated corruptions.
    public var corrupted: Float
    /// The score that it is chosen by: the mean of both.
    public var score: Float { (clean + corrupted) / 2 }
    /// Whether the bundle was trained this way.
    public var isTaken: Bool

    /// - Parameters:
    ///   - code: r, the manifold's dimension.
    ///   - clean: Balanced accuracy on clean rows, 0 to 1.
    ///   - corrupted: The same under simulated corruptions.
    ///   - isTaken: Whether the bundle was trained this way.
    public init(training: TrainingSettings, code: Int, clean: Float, corrupted: Float, isTaken: Bool = false) {
      self.training = training
      self.code = code
      self.clean = clean
      self.corrupted = corrupted
      self.isTaken = isTaken
    }
  }

  /// The format that this program writes. It also reads `copur-bundle/2`.
  public static let currentFormat = "copur-bundle/3"

  /// The format of the bundle's files.
  public var format = BundleManifest.currentFormat
  /// Names this bundle's content: the start of a SHA-256 over everything in it. Agents and fusion center compare it.
  public var modelVersion = ""
  /// The scenario that it was trained for.
  public var name: String
  /// The agents in the model's order.
  public var agents: [Agent]
  /// The name of each class; labels count from 0.
  public var classes: [String]
  /// The seed that it was trained with.
  public var seed: UInt64
  /// The dimensions that were tried for the manifold, and how each did; empty if the dimension was given.
  public var candidates: [Candidate]
  /// The ways to train and how each did, in the scenario's order; left out if there was only one. The one taken is in
  /// ``settings``.
  public var trainings: [JudgedTraining]?
  /// The choice of its defence, if a scenario left that to training.
  public var protection: ProtectionRecord?
  /// The audit of the training rows, if they were looked through.
  public var audit: AuditRecord?
  /// The manifold's leverage constants with all agents observed, for one liar, two, …; empty for a manifold that is not
  /// affine.
  public var leverage: [LeverageConstant]
  /// δ, and how gate and suspects were calibrated.
  public var calibration: CalibrationRecord
  /// The parts, by name; the bundle that takes the manifest fills them in.
  public internal(set) var parts: [Part] = []
  /// Settings of the training, as the scenario gave them.
  public var settings: JSONValue
  /// The data set of the rows, for agents that read their own.
  public var dataset: JSONValue
  /// ``Dataset/digest`` of the rows.
  public var datasetDigest: String
  /// The library of linear algebra that it was trained with, and its kernel, such as `OpenBLAS 0.3.21, kernel Haswell`: with
  /// another one weights may differ in their last bits. Left out in bundles of earlier programs.
  public var computedWith: String?
  /// The rule by which an agent is missing in a row: agents follow the one that the models were trained by. Left out for
  /// never, and in bundles of earlier programs.
  public var silent: SilenceRule?
  /// Agents without a reading in any training row, of which nothing was learned: what they send has no part in any decision.
  /// Left out if there are none.
  public var unheard: [AgentID]?
  /// The most consecutive training rows of one class: a service warns where verdicts of one class go on for far more. Left out
  /// in bundles of earlier programs.
  public var longestRun: Int?
  /// SHA-256 of the weights file, hexadecimal.
  public var weightsDigest = ""

  /// A manifest of the current format; the bundle that takes it fills in its version.
  public init(
    name: String, agents: [Agent], classes: [String], seed: UInt64, candidates: [Candidate],
    leverage: [LeverageConstant], calibration: CalibrationRecord, settings: JSONValue, dataset: JSONValue,
    datasetDigest: String
  ) {
    self.name = name
    self.agents = agents
    self.classes = classes
    self.seed = seed
    self.candidates = candidates
    self.leverage = leverage
    self.calibration = calibration
    self.settings = settings
    self.dataset = dataset
    self.datasetDigest = datasetDigest
  }

  /// The kind of the bundle's manifold: that of the part without `-manifold`; `none` before the bundle has taken the manifest.
  public var manifold: String {
    guard let part = parts.first(where: { $0.name == BundlePartName.manifold }) else { return "none" }
    let suffix = "-manifold"
    return part.kind.hasSuffix(suffix) ? String(part.kind.dropLast(suffix.count)) : part.kind
  }
}
