/// The outcome of each point of a sweep against each defence: when nobody attacks, and under the worst attack.
struct SweepSummary {
  /// A point and what its run measured.
  struct Point {
    let point: SweepRecord.Point
    let results: RunResults
  }

  /// The measures that are looked at.
  enum Measure: CaseIterable {
    case worst, clean

    /// In words, as a heading.
    var title: String {
      switch self {
      case .worst: "Accuracy under the worst attack"
      case .clean: "Accuracy when nobody attacks"
      }
    }
  }

  let points: [Point]
  /// The defences as they first occur.
  let defenses: [String]

  init(_ sweep: SweepReport) {
    points = sweep.runs.map { Point(point: $0.point, results: RunResults($0.report.rows)) }
    var seen: Set<String> = []
    defenses = points.flatMap(\.results.defenses).filter { seen.insert($0).inserted }
  }

  /// A point's accuracy over seeds, and the attack that it is under; nil if it was not measured.
  func value(_ measure: Measure, of defense: String, at point: Point) -> (attack: RunResults.Attack, value: Summary)? {
    point.results.worst(
      of: defense, among: point.results.attacks.filter { $0.isClean == (measure == .clean) }, by: \.accuracy)
  }

  /// The accuracy at a value of an axis: of the one point that has it, or the mean over several and its deviation.
  func value(_ measure: Measure, of defense: String, axis: Int, value: String) -> Summary? {
    let values = points.filter { $0.point.values[axis] == value }.compactMap {
      self.value(measure, of: defense, at: $0)?.value
    }
    guard values.count > 1 else { return values.first }
    return Summary(values.map(\.mean))
  }
}
