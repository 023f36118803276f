extension ResultRow: Decodable {
  private enum CodingKeys: String, CodingKey {
    case scenario, dataset, seed, mode, defense, attack, goal, compromised, missing, amplification, n, accuracy
    case residuals, search, warnings, knowledge
    case attackKinds = "attack_kinds"
    case balancedAccuracy = "balanced_accuracy"
    case majorityRate = "majority_rate"
    case attackSuccessRate = "attack_success_rate"
    case cleanSuccessRate = "clean_success_rate"
    case accuracyDeviation = "accuracy_deviation"
    case balancedAccuracyDeviation = "balanced_accuracy_deviation"
    case secondsPerSample = "seconds_per_sample"
    case suspectPrecision = "suspect_precision"
    case suspectRecall = "suspect_recall"
    case falseAlarmRate = "false_alarm_rate"
    case changeNorm = "change_norm"
    case falseAlarms = "false_alarms"
    case alarmRecall = "alarm_recall"
    case alarmFalseRate = "alarm_false_rate"
    case reconstructionError = "reconstruction_error"
    case reconstructionQuartiles = "reconstruction_quartiles"
  }

  /// A row as ``RowFile`` writes it. Fields that came later than a file are nil, those that this program does not know are
  /// passed over.
  ///
  /// - Throws: `DecodingError` if a field is not there, of another type, or out of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func checked(_ value: Double, _ key: CodingKeys, _ range: ClosedRange<Double>) throws -> Double {
      guard range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "a number from \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
      }
      return value
    }
    func rate(_ key: CodingKeys) throws -> Double {
      try checked(container.decode(Double.self, forKey: key), key, 0...1)
    }
    func optional(_ key: CodingKeys, _ range: ClosedRange<Double> = 0...1) throws -> Double? {
      try container.decodeIfPresent(Double.self, forKey: key).map { try checked($0, key, range) }
    }
    let unbounded = 0...Double.greatestFiniteMagnitude
    self.init(
      scenario: try container.decode(String.self, forKey: .scenario),
      dataset: try container.decode(String.self, forKey: .dataset),
      seed: try container.decode(UInt64.self, forKey: .seed), mode: try container.decode(Mode.self, forKey: .mode),
      defense: try container.decode(String.self, forKey: .defense),
      attack: try container.decode(String.self, forKey: .attack),
      attackKinds: try container.decode([String].self, forKey: .attackKinds),
      goal: try container.decodeIfPresent(String.self, forKey: .goal),
      compromised: try container.decode([String].self, forKey: .compromised),
      missing: try container.decode([String].self, forKey: .missing),
      amplification: try optional(.amplification, unbounded), n: try container.decode(Int.self, forKey: .n),
      accuracy: try rate(.accuracy), balancedAccuracy: try rate(.balancedAccuracy),
      majorityRate: try rate(.majorityRate), attackSuccessRate: try optional(.attackSuccessRate),
      cleanSuccessRate: try optional(.cleanSuccessRate),
      secondsPerSample: try checked(
        container.decode(Double.self, forKey: .secondsPerSample), .secondsPerSample, unbounded),
      changeNorm: try optional(.changeNorm, unbounded),
      search: try container.decodeIfPresent(String.self, forKey: .search),
      knowledge: try container.decodeIfPresent(String.self, forKey: .knowledge),
      warnings: try container.decodeIfPresent([String].self, forKey: .warnings) ?? [])
    accuracyDeviation = try optional(.accuracyDeviation)
    balancedAccuracyDeviation = try optional(.balancedAccuracyDeviation)
    let rates = SuspectRates(
      precision: try optional(.suspectPrecision), recall: try optional(.suspectRecall),
      falseAlarmRate: try optional(.falseAlarmRate))
    suspects = rates == SuspectRates() ? nil : rates
    falseAlarms = try container.decodeIfPresent([AgentFalseAlarms].self, forKey: .falseAlarms)
    let alarms = AlarmRates(recall: try optional(.alarmRecall), falseRate: try optional(.alarmFalseRate))
    self.alarms = alarms == AlarmRates() ? nil : alarms
    residuals = try container.decodeIfPresent([AgentResiduals].self, forKey: .residuals)
    if let mean = try optional(.reconstructionError, unbounded) {
      reconstruction = ReconstructionError(
        mean: mean, quartiles: try container.decode(Quartiles.self, forKey: .reconstructionQuartiles))
    }
  }
}

extension AgentResiduals: Decodable {
  private enum CodingKeys: String, CodingKey { case agent, quartiles }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      agent: try container.decode(String.self, forKey: .agent),
      quartiles: try container.decodeIfPresent(Quartiles.self, forKey: .quartiles))
  }
}

extension AgentFalseAlarms: Decodable {
  private enum CodingKeys: String, CodingKey { case agent, rate }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rate = try container.decodeIfPresent(Double.self, forKey: .rate)
    guard rate.map((0...1).contains) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .rate, in: container, debugDescription: "a number from 0 to 1 (actual: \(rate ?? 0))")
    }
    self.init(agent: try container.decode(String.self, forKey: .agent), rate: rate)
  }
}

extension Quartiles: Decodable {
  /// Three numbers from 0, none smaller than the one before.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let numbers = try container.decode([Double].self)
    guard numbers.count == 3, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), numbers == numbers.sorted() else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "quartiles are three numbers from 0 in ascending order (actual: \(numbers))")
    }
    self.init(lower: numbers[0], median: numbers[1], upper: numbers[2])
  }
}
