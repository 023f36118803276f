extension ResultRow: TabularRow {
  /// The columns in the files' order. A new one is a property and a line here, the last, so that who reads columns by their
  /// place finds those of before.
  private static let table: [RowColumn<ResultRow>] = [
    .text("scenario", \.scenario), .text("dataset", \.dataset), .seed("seed", \.seed), .choice("mode", \.mode),
    .text("defense", \.defense), .text("attack", \.attack), .names("attack_kinds", \.attackKinds),
    .text("goal", \.goal),
    .names("compromised", \.compromised), .names("missing", \.missing),
    .number("amplification", \.amplification, in: RowReader.nonNegative), .integer("n", \.n),
    .number("accuracy", \.accuracy), .number("balanced_accuracy", \.balancedAccuracy),
    .number("majority_rate", \.majorityRate), .number("attack_success_rate", \.attackSuccessRate),
    .number("seconds_per_sample", \.secondsPerSample, in: RowReader.nonNegative),
    .number("suspect_precision", \.givenSuspects.precision), .number("suspect_recall", \.givenSuspects.recall),
    .number("false_alarm_rate", \.givenSuspects.falseAlarmRate),
    RowColumn("residuals") {
      $0.residuals.map { .residuals($0) } ?? .none
    } read: {
      $1.residuals = try $0.optional("residuals", as: [AgentResiduals].self)
    },
    RowColumn("reconstruction_error") {
      .optional($0.reconstruction?.mean)
    } read: { reader, row in
      row.reconstruction = try reader.optionalNumber("reconstruction_error", in: RowReader.nonNegative).map { mean in
        ReconstructionError(mean: mean, quartiles: try reader.value("reconstruction_quartiles", as: Quartiles.self))
      }
    },
    RowColumn("reconstruction_quartiles") {
      $0.reconstruction.map { .quartiles($0.quartiles) } ?? .none
    } read: { _, _ in
      // With the error that they are of.
    },
    .number("change_norm", \.changeNorm, in: RowReader.nonNegative), .text("search", \.search),
    .names("warnings", \.warnings, isRequired: false),
    RowColumn("false_alarms") {
      $0.falseAlarms.map { .falseAlarms($0) } ?? .none
    } read: {
      $1.falseAlarms = try $0.optional("false_alarms", as: [AgentFalseAlarms].self)
    },
    .number("alarm_recall", \.givenAlarms.recall), .number("alarm_false_rate", \.givenAlarms.falseRate),
    .text("knowledge", \.knowledge), .number("clean_success_rate", \.cleanSuccessRate),
    .number("accuracy_deviation", \.accuracyDeviation),
    .number("balanced_accuracy_deviation", \.balancedAccuracyDeviation),
  ]

  public static let columns = table.map(\.name)

  public var fields: [TabularField] { Self.table.map { $0.field(self) } }

  /// The suspects' agreement with those that lied; no rate at all is nil.
  private var givenSuspects: SuspectRates {
    get { suspects ?? SuspectRates() }
    set { suspects = newValue == SuspectRates() ? nil : newValue }
  }

  /// The alarms' power to tell who lies; no rate at all is nil.
  private var givenAlarms: AlarmRates {
    get { alarms ?? AlarmRates() }
    set { alarms = newValue == AlarmRates() ? nil : newValue }
  }
}

extension ResultRow: Decodable {
  /// A row as ``RowFile`` writes it. Fields that came later than a file are nil, those that this program does not know are
  /// passed over.
  ///
  /// - Throws: `DecodingError` if a field is not there, of another type, or out of its range.
  public init(from decoder: any Decoder) throws {
    self.init(
      scenario: "", dataset: "", seed: 0, mode: .inProcess, defense: "", attack: "", n: 0, accuracy: 0,
      balancedAccuracy: 0, majorityRate: 0, secondsPerSample: 0)
    let reader = try RowReader(decoder)
    for column in Self.table { try column.read(reader, &self) }
  }
}
