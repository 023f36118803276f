/// The choice of a bundle's defence: what each candidate did on held-out training rows, under the threat that a scenario
/// wants to be protected from.
public struct ProtectionRecord: Hashable, Sendable, Codable {
  /// Accuracy and balanced accuracy of some rows, 0 to 1.
  public struct Score: Hashable, Sendable, Codable {
    /// The fraction of rows that are right.
    public var accuracy: Double
    /// The mean over the classes of the fraction of each one's rows that are right.
    public var balanced: Double
    /// The standard deviation of ``balanced``, by a bootstrap over runs of consecutive rows.
    public var deviation: Double
    /// The standard deviation of ``accuracy``, by the same bootstrap; nil in older bundles.
    public var accuracyDeviation: Double?

    /// - Parameters:
    ///   - deviation: Of the balanced accuracy.
    ///   - accuracyDeviation: Of the accuracy; nil where it is not known.
    public init(accuracy: Double, balanced: Double, deviation: Double, accuracyDeviation: Double? = nil) {
      self.accuracy = accuracy
      self.balanced = balanced
      self.deviation = deviation
      self.accuracyDeviation = accuracyDeviation
    }

    /// The score that is compared: the mean of both, so that neither a class that is frequent nor one that is rare decides
    /// alone.
    public var mean: Double { (accuracy + balanced) / 2 }
  }

  /// One defence that was considered.
  public struct Candidate: Hashable, Sendable, Codable {
    /// The defence's kind.
    public var kind: String
    /// The kind's settings.
    public var settings: [String: JSONValue]
    /// Nobody attacks.
    public var clean: Score
    /// Under the threat: certified, or what an adaptive attacker leaves, which is an upper bound.
    public var protected: Score
    /// Whether ``protected`` is certified.
    public var isCertified: Bool
    /// Certified against any one, any two and any three agents; empty without certificates.
    public var certified: [Score]
    /// The gain of ``protected`` over that of the first candidate, by ``Score/mean``, and the deviation of that.
    public var gain: Double
    /// The standard deviation of ``gain``, by a bootstrap over runs of consecutive rows.
    public var gainDeviation: Double
    /// The clean balanced accuracy that it costs against no defence; under 0 where it is better.
    public var loss: Double
    /// The standard deviation of ``loss``, by a bootstrap over runs of consecutive rows.
    public var lossDeviation: Double
    /// The clean accuracy that it costs against no defence; under 0 where it is better, nil in older bundles.
    public var accuracyLoss: Double?
    /// The standard deviation of ``accuracyLoss``; nil in older bundles.
    public var accuracyLossDeviation: Double?
    /// By how many, at most, uncertified verdicts outnumbered certified ones since they began to, on held-out runs
    /// (``AlarmMonitor``); nil without certificates, and where most were not certified.
    public var standingLimit: Int?
    /// Whether it may be taken: it costs no more clean accuracy than is allowed, balanced or not, and answers with every class.
    /// The default is not taken only where it costs more beyond doubt.
    public var isEligible: Bool
    /// Whether it was taken.
    public var isTaken: Bool

    /// The measurements of a candidate; whether it is taken is decided later.
    public init(
      kind: String, settings: [String: JSONValue], clean: Score, protected: Score, isCertified: Bool,
      certified: [Score], gain: Double = 0, gainDeviation: Double = 0, loss: Double = 0, lossDeviation: Double = 0,
      isEligible: Bool = false, isTaken: Bool = false
    ) {
      self.kind = kind
      self.settings = settings
      self.clean = clean
      self.protected = protected
      self.isCertified = isCertified
      self.certified = certified
      self.gain = gain
      self.gainDeviation = gainDeviation
      self.loss = loss
      self.lossDeviation = lossDeviation
      self.isEligible = isEligible
      self.isTaken = isTaken
    }

    /// The kind and its settings, for people.
    public var title: String {
      let pairs = settings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.compact)" }
      return pairs.isEmpty ? kind : "\(kind) { \(pairs.joined(separator: ", ")) }"
    }
  }

  /// Why the choice fell as it did.
  public enum Reason: String, Hashable, Sendable, Codable {
    /// The default protects at a cost that is allowed, and none is better beyond doubt.
    case standard
    /// Another one is certified for more than the default, by two standard deviations.
    case better
    /// The default costs more than is allowed or protects from nothing, and another one is certified for more than a guess.
    case affordable
    /// Nothing that may be taken is certified for more than a constant guess: the one that is best without an attack.
    case nothingToProtect = "nothing-to-protect"
  }

  /// Who the scenario wants to be protected from.
  public var threat: Threat
  /// The number of rows that were held out, in runs of consecutive ones.
  public var rows: Int
  /// The accuracy of always guessing their most frequent class.
  public var majority: Double
  /// The number of classes.
  public var classes: Int
  /// The clean accuracy, balanced or not, that a choice may cost against ``undefended``.
  public var cost: Double
  /// Nobody attacks and nothing defends.
  public var undefended: Score
  /// The candidates, the default first; no defence, which costs nothing, is the last, but in older bundles.
  public var candidates: [Candidate]
  /// Why the choice fell as it did; nil in older bundles.
  public var reason: Reason?

  /// - Parameters:
  ///   - rows: How many rows were held out.
  ///   - majority: What always guessing the most frequent class reaches on them.
  ///   - cost: How much clean accuracy, balanced or not, a choice may cost.
  ///   - undefended: Nobody attacks and nothing defends.
  ///   - candidates: The default first.
  public init(
    threat: Threat, rows: Int, majority: Double, classes: Int, cost: Double, undefended: Score,
    candidates: [Candidate]
  ) {
    self.threat = threat
    self.rows = rows
    self.majority = majority
    self.classes = classes
    self.cost = cost
    self.undefended = undefended
    self.candidates = candidates
  }

  /// The candidate that was taken.
  public var taken: Candidate? { candidates.first(where: \.isTaken) }

  /// Whether the choice protects more than a constant guess does.
  public var isWorthwhile: Bool { taken.map { beatsGuess($0.protected) } ?? false }

  /// Whether rows are right more often than by guessing the most frequent class always, which nobody can change: in balanced
  /// accuracy or in plain accuracy, by two standard deviations.
  public func beatsGuess(_ score: Score) -> Bool {
    score.balanced - 2 * score.deviation > guess
      || score.accuracyDeviation.map { score.accuracy - 2 * $0 > majority } ?? false
  }

  /// Whether no defence is one of the candidates, as in all but older bundles.
  public var listsUndefended: Bool { candidates.last?.kind == "unsecured" }

  /// The balanced accuracy of a constant guess.
  public var guess: Double { 1 / Double(max(1, classes)) }
}
