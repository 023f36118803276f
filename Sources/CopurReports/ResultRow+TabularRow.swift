extension ResultRow: TabularRow {
  public static let columns = [
    "scenario", "dataset", "seed", "mode", "defense", "attack", "attack_kinds", "goal", "compromised", "missing",
    "amplification", "n", "accuracy", "balanced_accuracy", "majority_rate", "attack_success_rate",
    "seconds_per_sample", "suspect_precision", "suspect_recall", "false_alarm_rate", "residuals",
    "reconstruction_error", "reconstruction_quartiles",
    "change_norm", "search", "warnings",
  ]

  public var fields: [TabularField] {
    [
      .text(scenario), .text(dataset), .seed(seed), .text(mode.rawValue), .text(defense), .text(attack),
      .names(attackKinds), .optional(goal), .names(compromised), .names(missing), .optional(amplification),
      .integer(n), .number(accuracy), .number(balancedAccuracy), .number(majorityRate), .optional(attackSuccessRate),
      .number(secondsPerSample), .optional(suspects?.precision), .optional(suspects?.recall),
      .optional(suspects?.falseAlarmRate), residuals.map { .residuals($0) } ?? .none,
      .optional(reconstruction?.mean), reconstruction.map { .quartiles($0.quartiles) } ?? .none,
      .optional(changeNorm), .optional(search), .names(warnings),
    ]
  }
}
