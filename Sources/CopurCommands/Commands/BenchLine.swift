import CopurPurification

/// One measurement as `copur bench purify --json` prints it; another program's has the first three members only.
struct BenchLine: Codable {
  var engine: String
  var batch: Int
  var secondsPerSample: Double
  /// The mean over the batch.
  var objective: Double?
  var iterations: Double?
  var convergedFraction: Double?
  /// Of the shipped solver: the part of the samples whose objective is no higher than the schedule's.
  var notAboveSchedule: Double?
  /// By another program's engine: how many times faster this engine is.
  var timesFasterThan: [String: Double]?
  /// Each sample's objective; not printed.
  var objectives: [Float] = []

  private enum CodingKeys: String, CodingKey {
    case engine, batch, objective, iterations
    case secondsPerSample = "seconds_per_sample"
    case convergedFraction = "converged_fraction"
    case notAboveSchedule = "not_above_schedule"
    case timesFasterThan = "times_faster_than"
  }

  init(_ engine: PurificationBenchmark.Engine, batch: Int, _ measurement: PurificationBenchmark.Measurement) {
    self.engine = engine.rawValue
    self.batch = batch
    secondsPerSample = measurement.secondsPerSample
    objectives = measurement.objectives
    objective = objectives.reduce(0) { $0 + Double($1) } / Double(max(1, objectives.count))
    iterations = measurement.iterations
    convergedFraction = measurement.convergedFraction
  }
}
