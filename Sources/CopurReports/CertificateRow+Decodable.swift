extension CertificateRow: Decodable {
  private enum CodingKeys: String, CodingKey {
    case scenario, dataset, seed, defense, agents, any, n, accuracy
    case modelVersion = "model_version"
    case certifiedAccuracy = "certified_accuracy"
    case certifiedRate = "certified_rate"
    case balancedAccuracy = "balanced_accuracy"
    case certifiedBalancedAccuracy = "certified_balanced_accuracy"
    case majorityRate = "majority_rate"
    case accuracyDeviation = "accuracy_deviation"
    case balancedAccuracyDeviation = "balanced_accuracy_deviation"
    case certifiedAccuracyDeviation = "certified_accuracy_deviation"
    case certifiedBalancedAccuracyDeviation = "certified_balanced_accuracy_deviation"
    case certifiedAccuracyLower = "certified_accuracy_lower"
    case certifiedAccuracyUpper = "certified_accuracy_upper"
  }

  /// A row as ``RowFile`` writes it.
  ///
  /// - Throws: `DecodingError` if a field is not there, of another type, or out of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func failure(_ key: CodingKeys, _ rule: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: rule)
    }
    func fraction(_ key: CodingKeys) throws -> Double {
      let value = try container.decode(Double.self, forKey: key)
      guard (0...1).contains(value) else { throw failure(key, "a number from 0.0 to 1.0 (actual: \(value))") }
      return value
    }
    scenario = try container.decode(String.self, forKey: .scenario)
    dataset = try container.decode(String.self, forKey: .dataset)
    seed = try container.decode(UInt64.self, forKey: .seed)
    defense = try container.decode(String.self, forKey: .defense)
    modelVersion = try container.decode(String.self, forKey: .modelVersion)
    switch (
      try container.decodeIfPresent([String].self, forKey: .agents),
      try container.decodeIfPresent(Int.self, forKey: .any)
    ) {
    case (let names?, nil): compromised = .agents(names)
    case (nil, let count?): compromised = .any(count)
    default: throw failure(.any, "either agents or how many of them")
    }
    n = try container.decode(Int.self, forKey: .n)
    clean = Rate(value: try fraction(.accuracy), deviation: try fraction(.accuracyDeviation))
    cleanBalanced = Rate(value: try fraction(.balancedAccuracy), deviation: try fraction(.balancedAccuracyDeviation))
    certified = Rate(value: try fraction(.certifiedAccuracy), deviation: try fraction(.certifiedAccuracyDeviation))
    certifiedBalanced = Rate(
      value: try fraction(.certifiedBalancedAccuracy), deviation: try fraction(.certifiedBalancedAccuracyDeviation))
    let (lower, upper) = (try fraction(.certifiedAccuracyLower), try fraction(.certifiedAccuracyUpper))
    guard lower <= upper else { throw failure(.certifiedAccuracyUpper, "an interval's end is not before its start") }
    certifiedInterval = lower...upper
    certifiedRate = try fraction(.certifiedRate)
    majorityRate = try fraction(.majorityRate)
  }
}
