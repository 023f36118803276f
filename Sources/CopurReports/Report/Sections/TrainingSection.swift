internal import CopurCore

/// The losses of trainings, epoch by epoch.
struct TrainingSection {
  let record: RunRecord

  /// The most trainings that are drawn; of more seeds the first are.
  private static let limit = 8

  var section: ReportSection? {
    let bundles = record.bundles.filter { $0.curves?.isEmpty == false }
    guard !bundles.isEmpty else { return nil }
    let shown = Array(bundles.prefix(Self.limit))
    let names = shown.map(name)
    var stages: [String] = []
    for stage in shown.flatMap({ $0.curves ?? [] }).map(\.stage) where !stages.contains(stage) { stages.append(stage) }
    return ReportSection(
      id: "training", title: "Training",
      explanation: HTML("p") {
        "The mean loss of each epoch on training rows. A line that still falls at its end was given too few epochs; one that rises, "
        "too large steps."
      }
    ) {
      HTML("figure") {
        HTML("div", ["class": "panels"]) {
          for (number, stage) in stages.enumerated() {
            LossPlot(
              id: "loss-\(number)", title: stage,
              series: shown.enumerated().compactMap { index, bundle in
                let points = (bundle.curves?.first { $0.stage == stage }?.points ?? []).filter { $0.loss > 0 }
                guard !points.isEmpty else { return nil }
                return .init(
                  name: names[index], style: SeriesStyle(index: index),
                  points: points.map { ($0.epoch, Double($0.loss)) })
              }
            ).html
          }
        }
        Legend(names: names).html
        if bundles.count > shown.count {
          HTML("p", ["class": "note"]) { "The first \(shown.count) of \(bundles.count) trainings." }
        }
      }
    }
  }

  /// The seed, and the defences where seeds have several trainings.
  private func name(_ bundle: RunRecord.Bundle) -> String {
    let isAlone = record.bundles.count { $0.seed == bundle.seed } == 1
    guard !isAlone, let defenses = bundle.defenses else { return "seed \(bundle.seed)" }
    return "seed \(bundle.seed): \(defenses.prefix(3).joined(separator: ", "))\(defenses.count > 3 ? ", …" : "")"
  }
}
