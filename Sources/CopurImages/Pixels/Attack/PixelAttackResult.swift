/// The result of an attack on the pixels of one picture.
public struct PixelAttackResult: Hashable, Sendable, Codable {
  /// The picture's number.
  public let number: Int
  /// The changed pixels of the best success, by number, ascending; empty where the picture was not right to begin with, nil
  /// where no attack succeeded.
  public let changed: [Int]?
  /// The picture of the best success.
  public let picture: [Float]?
  /// The class of that picture, by the judge; nil where it abstains, or where no attack succeeded.
  public let decision: Int?
  /// The number of pictures that the victim was asked about.
  public let evaluations: Int

  /// - Parameter changed: nil where no attack succeeded.
  public init(number: Int, changed: [Int]?, picture: [Float]?, decision: Int?, evaluations: Int) {
    self.number = number
    self.changed = changed
    self.picture = picture
    self.decision = decision
    self.evaluations = evaluations
  }

  /// The median number of pixels that fool, pictures that were not fooled counting as ∞.
  ///
  /// - Returns: The mean of the two middle ones where their number is even; nil where a middle one is ∞, or there is none.
  public static func medianChanged(_ results: some Collection<PixelAttackResult>) -> Double? {
    let sorted = results.map { $0.changed?.count ?? .max }.sorted()
    guard !sorted.isEmpty else { return nil }
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return high == .max ? nil : Double(low + high) / 2
  }

  /// The number of attacks that succeeded under a certificate: none, or as few as a certificate's α lets be wrong.
  ///
  /// - Parameters:
  ///   - results: Attacks on some of the pictures.
  ///   - outcomes: The outcome of each picture, by its number.
  ///   - countsAbstention: Whether a picture on which the victim abstains is one. The certificates of partitions say so, as
  ///     they never abstain. Those of ablation are of probabilities: a vote of few draws may leave a class open that is
  ///     certified.
  /// - Precondition: There is an outcome for each attacked picture.
  public static func contradictions(
    _ results: some Collection<PixelAttackResult>, of outcomes: [PixelOutcome], countsAbstention: Bool
  ) -> Int {
    results.reduce(0) { count, result in
      guard let changed = result.changed, result.decision != nil || countsAbstention else { return count }
      return outcomes[result.number].isCertified(against: changed.count) ? count + 1 : count
    }
  }
}
