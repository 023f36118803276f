/// Certificates of several defences against changed pixels, side by side.
public struct PixelTable: Hashable, Sendable, Codable {
  /// A number of pictures among all, with the interval of its share that 95 % confidence gives (Clopper and Pearson).
  public struct Share: Hashable, Sendable, Codable {
    /// The number of pictures.
    public let count: Int
    /// Of how many.
    public let total: Int
    /// The interval's lower end, from 0 to 1.
    public let low: Double
    /// The interval's upper end, from 0 to 1.
    public let high: Double

    /// - Parameter count: From 0 to `total`.
    public init(count: Int, total: Int) {
      let interval = BinomialBounds.interval(successes: count, trials: total)
      self.count = count
      self.total = total
      low = interval.lowerBound
      high = interval.upperBound
    }

    /// The share, from 0 to 1; 0 of none.
    public var value: Double { total == 0 ? 0 : Double(count) / Double(total) }
  }

  /// A share that is certified for a number of changed pixels.
  public struct Point: Hashable, Sendable, Codable {
    /// ρ, how many pixels are changed.
    public let changed: Int
    /// The pictures that are right and certified.
    public let share: Share
  }

  /// One defence.
  public struct Row: Hashable, Sendable, Codable {
    /// The defence's name.
    public let name: String
    /// The pictures that are right.
    public let right: Share
    /// The pictures on which no class is predicted.
    public let abstained: Share
    /// The pictures of which another class is predicted.
    public let wrong: Share
    /// The median certified radius, wrong and abstained ones counting as −∞; nil for that.
    public let median: Double?
    /// Certified accuracy over ρ, in the order asked for.
    public let certified: [Point]
    /// The median number of pixels with which an attack succeeded; nil without one, or where most did not.
    public var attacked: Double?
    /// The number of attacks that succeeded under a certificate; nil without attacks.
    public var contradictions: Int?

    /// - Parameters:
    ///   - outcomes: The outcome of each picture with its certificate.
    ///   - predictions: The outcomes of predictions, where a prediction may be made without a certificate; nil where they are
    ///     the same.
    ///   - changed: Each ρ of ``certified``, 0 or more.
    public init(
      name: String, outcomes: [PixelOutcome], predictions: [PixelOutcome]? = nil, changed: [Int]
    ) {
      let predictions = predictions ?? outcomes
      func share(_ pictures: [PixelOutcome], _ holds: (PixelOutcome) -> Bool) -> Share {
        Share(count: pictures.reduce(0) { $0 + (holds($1) ? 1 : 0) }, total: pictures.count)
      }
      self.name = name
      right = share(predictions) { $0.radius != nil }
      abstained = share(predictions) { $0 == .abstained }
      wrong = share(predictions) { $0 == .wrong }
      median = outcomes.medianRadius
      certified = changed.map { changed in
        Point(changed: changed, share: share(outcomes) { $0.isCertified(against: changed) })
      }
    }
  }

  /// The defences, in the order given.
  public var rows: [Row]

  /// A table of given rows.
  public init(rows: [Row] = []) { self.rows = rows }
}
