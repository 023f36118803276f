public import CopurNumerics

/// The rule by which an agent says nothing of a row: the share of its columns without a reading from which on it is missing.
///
/// A sensor without a reading is a missing agent, not one that reads the mean of training. Training, the simulator and
/// agents in processes of their own ask this one rule, each of the columns that it holds.
public struct SilenceRule: Hashable, Sendable {
  /// The share of an agent's columns that are without a reading from which on it is missing: over 0, at most 1. Nil: never,
  /// and a value without a reading counts as the mean of training.
  public let share: Float?

  /// An agent is never missing, as in the paper, whose rows without a reading count as the mean of training.
  public static let never = SilenceRule()
  /// An agent is missing where none of its columns has a reading.
  public static let all = SilenceRule(whole: 1)

  private init(whole share: Float? = nil) { self.share = share }

  /// An agent is missing where at least a share of its columns is without a reading.
  ///
  /// - Parameter share: Over 0, at most 1.
  /// - Throws: ``CopurError`` of code `.invalidArgument` for any other number.
  public init(share: Float) throws {
    guard share > 0, share <= 1 else {
      throw CopurError(
        .invalidArgument,
        "the share of columns without a reading that makes an agent missing is over 0 and at most 1 (actual: \(share))")
    }
    self.share = share
  }

  /// Whether the agent says something of a row.
  ///
  /// - Parameter columns: The agent's raw features of the row; NaN where there is no reading.
  public func isPresent(_ columns: ArraySlice<Float>) -> Bool {
    guard let share else { return true }
    // A share of all columns is exact: n/n is 1.
    return Float(columns.count { $0.isNaN }) / Float(columns.count) < share
  }

  /// Of which rows an agent says something.
  ///
  /// - Parameter rows: Its own raw features, [n, D_x,i].
  public func presence(in rows: Matrix) -> [Bool] { (0..<rows.rows).map { isPresent(rows[row: $0]) } }

  /// Flags that say which agents say something of which row.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x].
  ///   - layout: Which features are whose.
  /// - Returns: Row-major, [n, M].
  public func presence(in features: Matrix, layout: BlockLayout) -> [Bool] {
    precondition(features.columns == layout.totalWidth)
    guard share != nil else { return [Bool](repeating: true, count: features.rows * layout.count) }
    return (0..<features.rows).flatMap { row in
      let start = row * features.columns
      return (0..<layout.count).map { block in
        isPresent(features.values[start + layout[block].lowerBound..<start + layout[block].upperBound])
      }
    }
  }

  /// The features with NaN for all that missing agents hold, so that nothing is learned from it.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x].
  ///   - layout: Which features are whose.
  public func silencing(_ features: Matrix, layout: BlockLayout) -> Matrix {
    guard share != nil else { return features }
    var silenced = features
    for (place, isPresent) in presence(in: features, layout: layout).enumerated() where !isPresent {
      let (row, block) = place.quotientAndRemainder(dividingBy: layout.count)
      for column in layout[block] { silenced[row, column] = .nan }
    }
    return silenced
  }
}

extension SilenceRule: Codable {
  /// The name of ``never`` in scenarios and bundles.
  public static let neverName = "never"

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if (try? container.decode(String.self)) == Self.neverName {
      self = .never
      return
    }
    try self.init(share: try container.decode(Float.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let share { try container.encode(share) } else { try container.encode(Self.neverName) }
  }
}

extension KeyedDecodingContainer {
  /// The rule under a key. What was written before there was one, and so has none, follows ``SilenceRule/never``.
  public func silence(forKey key: Key) throws -> SilenceRule {
    try decodeIfPresent(SilenceRule.self, forKey: key) ?? .never
  }
}

extension KeyedEncodingContainer {
  /// Encodes the rule under a key, and nothing for ``SilenceRule/never``, so that digests of such data stay what they were.
  public mutating func encode(_ silence: SilenceRule, forKey key: Key) throws {
    if silence.share != nil { try encodeIfPresent(silence, forKey: key) }
  }
}

extension SilenceRule {
  /// The setting of a data set whose values may be absent.
  public static func setting<Owner>(_ path: any WritableKeyPath<Owner, SilenceRule> & Sendable) -> Setting<Owner> {
    Setting(
      SettingDescription(
        "silent", .choiceOrNumber(of: "a rule for silent agents", [neverName], .positiveFraction),
        "the share of an agent's columns without a reading from which on it is missing in a row; `never`: it reads the "
          + "mean of training there, as in the paper")
    ) {
      $0[keyPath: path].share.map(SettingValue.number) ?? .text(neverName)
    } write: {
      switch $1 {
      case .number(let share): $0[keyPath: path] = SilenceRule(whole: share)
      default: $0[keyPath: path] = .never
      }
    }
  }
}
