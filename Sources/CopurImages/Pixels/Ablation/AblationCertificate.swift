/// The certificate of a picture's votes under randomized ablation (Levine and Feizi 2020), with a confidence of 1 − α for
/// this one picture.
///
/// The class is chosen by other draws than those that bound its probability, so the choice costs no confidence. Both
/// corollaries are computed from the same votes; each holds with its confidence by itself, not both together.
public struct AblationCertificate: Hashable, Sendable {
  /// A certificate's rule.
  public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
    /// p̲ − Δ > ½ (Corollary 1), the one that the paper's figures are by.
    case majority = "corollary-1"
    /// p̲ − Δ > max_j p̄_j + Δ (Corollary 2), with bounds that hold for all classes at once.
    case margin = "corollary-2"
  }

  /// The chosen class, the first of those with the most votes.
  public let label: Int
  /// The largest ρ that Corollary 1 certifies; nil where p̲ is not above ½, and no class is predicted.
  public let majorityRadius: Int?
  /// The largest ρ that Corollary 2 certifies; nil where it certifies not even 0 changed pixels.
  public let marginRadius: Int?

  /// - Parameters:
  ///   - touch: Δ for each ρ from 0 on, ascending (``TouchProbability/table(pixels:keep:)``).
  ///   - alpha: α, above 0 and below 1.
  public init(_ votes: PixelVotes, touch: [Double], alpha: Double = 0.05) {
    label = votes.choosing.firstIndex(of: votes.choosing.max() ?? 0) ?? 0
    let trials = votes.bounding.reduce(0, +)
    guard trials > 0 else {
      (majorityRadius, marginRadius) = (nil, nil)
      return
    }
    let most = votes.bounding[label]
    let alone = BinomialBounds.lower(successes: most, trials: trials, alpha: alpha)
    majorityRadius = Self.radius(touch) { alone - $0 > 0.5 + Self.rounding }

    // A bound a class, each at α over the number of classes: all hold at once with confidence 1 − α.
    let shared = alpha / Double(votes.bounding.count)
    let lower = BinomialBounds.lower(successes: most, trials: trials, alpha: shared)
    let rival = votes.bounding.indices.lazy.filter { [label] in $0 != label }.map { votes.bounding[$0] }.max() ?? 0
    let upper = min(BinomialBounds.upper(successes: rival, trials: trials, alpha: shared), 1 - lower)
    marginRadius = Self.radius(touch) { lower - $0 > upper + $0 + Self.rounding }
  }

  /// The certificate of probabilities that are known.
  ///
  /// - Parameter probabilities: p_i for each class; they add up to 1.
  package init(exact probabilities: [Double], touch: [Double]) {
    let largest = probabilities.max() ?? 0
    let label = probabilities.firstIndex(of: largest) ?? 0
    let rival = probabilities.indices.lazy.filter { $0 != label }.map { probabilities[$0] }.max() ?? 0
    self.label = label
    majorityRadius = Self.radius(touch) { largest - $0 > 0.5 + Self.rounding }
    marginRadius = Self.radius(touch) { largest - $0 > rival + $0 + Self.rounding }
  }

  /// Room for the rounding of bounds and of Δ, so that what is equal is not taken for larger.
  private static let rounding = 1e-12

  /// The largest ρ whose Δ satisfies a condition that holds for small ones.
  private static func radius(_ touch: [Double], _ holds: (Double) -> Bool) -> Int? {
    var radius: Int?
    for (changed, probability) in touch.enumerated() {
      guard holds(probability) else { break }
      radius = changed
    }
    return radius
  }

  /// The radius by a rule; nil where no class is predicted.
  public func radius(by rule: Rule) -> Int? {
    switch rule {
    case .majority: majorityRadius
    case .margin: marginRadius
    }
  }

  /// The outcome for a picture of a known class.
  public func outcome(label truth: Int, by rule: Rule) -> PixelOutcome {
    guard let radius = radius(by: rule) else { return .abstained }
    return label == truth ? .certified(radius: radius) : .wrong
  }
}

extension AblatedPixels {
  /// The outcome of each picture by its votes.
  ///
  /// - Parameters:
  ///   - votes: Of ``votes(_:numbers:by:progress:)``.
  ///   - labels: The class of each picture.
  ///   - alpha: α of each picture.
  public func certify(
    _ votes: [PixelVotes], labels: [Int], by rule: AblationCertificate.Rule, alpha: Double = 0.05
  ) -> [PixelOutcome] {
    precondition(votes.count == labels.count)
    let touch = TouchProbability.table(pixels: shape.pixelCount, keep: keep)
    return zip(votes, labels).map { AblationCertificate($0, touch: touch, alpha: alpha).outcome(label: $1, by: rule) }
  }
}

extension PixelVotes {
  /// The class that is predicted without a certificate: the one with the most of the bounding votes, unless the two-sided
  /// test of the two highest counts leaves it open at α (Cohen, Rosenfeld and Kolter 2019, "Predict").
  ///
  /// - Returns: nil to abstain.
  public func prediction(alpha: Double = 0.05) -> Int? { Self.prediction(bounding, alpha: alpha) }

  /// The same for any counts.
  static func prediction(_ counts: [Int], alpha: Double) -> Int? {
    let most = counts.max() ?? 0
    guard let label = counts.firstIndex(of: most) else { return nil }
    let second = counts.indices.lazy.filter { $0 != label }.map { counts[$0] }.max() ?? 0
    return BinomialTest.twoSided(most, second) <= alpha ? label : nil
  }

  /// The outcome of the prediction for a picture of a known class: abstained, wrong, or right with radius 0.
  public func outcome(label truth: Int, alpha: Double = 0.05) -> PixelOutcome {
    guard let label = prediction(alpha: alpha) else { return .abstained }
    return label == truth ? .certified(radius: 0) : .wrong
  }
}
