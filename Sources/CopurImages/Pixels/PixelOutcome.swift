/// The result of a certificate for one picture with a known class, three cases that are never one number.
public enum PixelOutcome: Hashable, Sendable {
  /// No class is predicted.
  case abstained
  /// Another class than the picture's is predicted.
  case wrong
  /// The picture's class is predicted, and stays so however up to `radius` pixels are changed; 0 for "right, with no pixel
  /// certified".
  case certified(radius: Int)

  /// The number of pixels, where the prediction is right.
  public var radius: Int? {
    if case .certified(let radius) = self { radius } else { nil }
  }

  /// Whether the prediction is right and certified for a number of changed pixels.
  public func isCertified(against changed: Int) -> Bool { (radius ?? -1) >= changed }
}

extension PixelOutcome: Codable {
  private enum CodingKeys: String, CodingKey { case outcome, radius }
  private enum Word: String, Codable { case abstained, wrong, certified }

  /// - Throws: `DecodingError` if a radius is missing or below 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Word.self, forKey: .outcome) {
    case .abstained: self = .abstained
    case .wrong: self = .wrong
    case .certified:
      let radius = try container.decode(Int.self, forKey: .radius)
      guard radius >= 0 else {
        throw DecodingError.dataCorruptedError(
          forKey: .radius, in: container, debugDescription: "a radius is 0 or more (actual: \(radius))")
      }
      self = .certified(radius: radius)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .abstained: try container.encode(Word.abstained, forKey: .outcome)
    case .wrong: try container.encode(Word.wrong, forKey: .outcome)
    case .certified(let radius):
      try container.encode(Word.certified, forKey: .outcome)
      try container.encode(radius, forKey: .radius)
    }
  }
}

extension Collection<PixelOutcome> {
  /// The median certified radius, pictures that are wrong or abstained counting as −∞ (Levine and Feizi 2020, "Results").
  ///
  /// - Returns: The mean of the two middle ones where their number is even; nil where a middle one is −∞, or there is none.
  public var medianRadius: Double? {
    let sorted = map { $0.radius ?? -1 }.sorted()
    guard !sorted.isEmpty else { return nil }
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return low < 0 ? nil : Double(low + high) / 2
  }

  /// The number of pictures that are right and certified for a number of changed pixels.
  public func certified(against changed: Int) -> Int { reduce(0) { $0 + ($1.isCertified(against: changed) ? 1 : 0) } }
}
