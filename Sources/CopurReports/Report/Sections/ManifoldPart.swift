internal import CopurCore

/// One manifold, with a bundle a seed: how its dimension was chosen, how well it fits, and how many liars it can bear.
struct ManifoldPart {
  /// Its place among the manifolds of the run.
  let number: Int
  /// A bundle a seed.
  let bundles: [RunRecord.Bundle]
  /// The element of its headings.
  let heading: String

  @HTMLBuilder var content: [HTML] {
    trainings
    HTML("p") { choice }
    candidateFigure
    HTML(heading) { "How well it fits clean embeddings" }
    fitTable
    promises
    leverage
  }

  // MARK: The training

  @HTMLBuilder private var trainings: [HTML] {
    if let ways = bundles.lazy.compactMap(\.trainings).first {
      HTML("p") {
        "How extractors and fusion model were trained was chosen on training rows alone, too: each way was judged on the "
        "held-out ones, by the mean of its balanced accuracy on clean rows and under simulated corruptions at the dimension "
        "that it gets. Taken is the first within a point of the best."
      }
      DataTable(
        caption: "Ways to train: the mean on held-out training rows, %, by seed", corner: "training",
        columns: bundles.map { .init("seed \($0.seed)") },
        rows: ways.indices.map { way in
          DataTable.Row(
            ways[way].changes.isEmpty ? "as the scenario says" : ways[way].changes.joined(separator: ", "),
            cells: bundles.map { bundle in
              guard let judged = bundle.trainings, judged.indices.contains(way) else { return .text(Number.none) }
              return HTML {
                Number.percent(Double(judged[way].score))
                HTML("span", ["class": "under"]) { "code \(judged[way].code)\(judged[way].isTaken ? ", taken" : "")" }
              }
            })
        }
      ).html
    }
  }

  // MARK: The code

  private var choice: HTML {
    let kinds = Set(bundles.map(\.manifold)).sorted()
    let codes = Set(bundles.map(\.code)).sorted()
    let margin = bundles.lazy.compactMap(\.candidateMargin).first
    let isGiven = bundles.allSatisfy(\.candidates.isEmpty)
    return HTML {
      "Kind: \(Number.list(kinds)). Dimension of its code: "
      HTML("strong") { Number.list(codes.map { "\($0)" }) }
      if isGiven {
        ", as the scenario says."
      } else {
        ", chosen on training rows alone. A larger code fits clean embeddings better but leaves less redundancy to tell a "
        "lie by (Theorem 2), so each candidate was judged on held-out training rows by the mean of its balanced accuracy "
        "on clean rows and under simulated corruptions, behind the gate. Taken is the smallest whose mean is "
        if let margin, margin > 0 {
          let points = Number.short(100 * margin)
          "within \(points == "1" ? "one percentage point" : "\(points) percentage points") of the best: "
        } else {
          "close to the best: "
        }
        bundles.compactMap(Self.reason).joined(separator: "; ") + "."
      }
    }
  }

  private static func score(_ candidate: BundleManifest.Candidate) -> Double { Double(candidate.score) }

  private static func reason(_ bundle: RunRecord.Bundle) -> String? {
    guard let best = bundle.candidates.max(by: { score($0) < score($1) }),
      let chosen = bundle.candidates.first(where: { $0.code == bundle.code })
    else { return nil }
    return best.code == chosen.code
      ? "seed \(bundle.seed): \(chosen.code), itself the best (\(Number.percent(score(chosen)))\u{A0}%)"
      : "seed \(bundle.seed): \(chosen.code) (\(Number.percent(score(chosen)))\u{A0}%; the best, \(best.code), has "
        + "\(Number.percent(score(best)))\u{A0}%)"
  }

  private static let curves: [(name: String, value: @Sendable (BundleManifest.Candidate) -> Double)] = [
    ("clean", { Double($0.clean) }), ("under simulated corruptions", { Double($0.corrupted) }),
    ("the same without the gate", { Double($0.corruptedWithoutGate) }),
  ]

  private var candidateFigure: HTML? {
    let codes = Set(bundles.flatMap(\.candidates).map(\.code)).sorted()
    guard !codes.isEmpty else { return nil }
    func summary(_ code: Int, _ value: (BundleManifest.Candidate) -> Double) -> Summary? {
      let values = bundles.flatMap(\.candidates).filter { $0.code == code }.map(value)
      return values.isEmpty ? nil : Summary(values)
    }
    let values = bundles.flatMap(\.candidates).flatMap { candidate in Self.curves.map { $0.value(candidate) } }
    // Tens of percent around the values, so that the differences can be seen.
    let low = max(0, ((values.min() ?? 0) * 10).rounded(.down) / 10)
    let high = min(1, ((values.max() ?? 1) * 10).rounded(.up) / 10)
    let (all, chosen) = (bundles.count, Dictionary(grouping: bundles, by: \.code))
    return HTML("figure", ["class": "narrow"]) {
      LinePlot(
        id: "candidates-\(number)", title: "balanced accuracy on held-out training rows, %",
        xTitle: "dimension of the code",
        xLabels: codes.map { "\($0)" }, range: low...max(high, low + 0.1),
        series: Self.curves.enumerated().map { index, curve in
          LinePlot.Series(
            name: curve.name, style: SeriesStyle(index: index),
            points: codes.enumerated().compactMap { place, code in summary(code, curve.value).map { (place, $0) } })
        },
        highlights: codes.enumerated().compactMap { place, code in
          chosen[code].map { bundles in
            (
              place,
              bundles.count == all
                ? "chosen" : bundles.count == 1 ? "chosen by a seed" : "chosen by \(bundles.count) seeds"
            )
          }
        }
      ).html
      Legend(names: Self.curves.map(\.name)).html
      HTML("figcaption") { "The candidates for the code. Bars: one standard deviation over seeds." }
    }
  }

  // MARK: The fit

  private var fitTable: HTML {
    DataTable(
      caption: "The bound δ of clean embeddings, by seed", corner: "seed",
      columns: ["code", "held-out rows", "δ", "holds for", "with confidence"].map { .init($0) },
      rows: bundles.map { bundle in
        let bound = bundle.calibration.reconstruction
        return DataTable.Row(
          "\(bundle.seed)",
          cells: [
            "\(bundle.code)", "\(bundle.calibration.rows)",
            bound.map { Number.significant($0.value) } ?? Number.none,
            bound.map { "\(Number.short(100 * $0.rate)) % of samples" } ?? Number.none,
            bound.map { "\(Number.percent($0.confidence)) %" } ?? Number.none,
          ].map { .text($0) })
      }
    ).html
  }

  /// The promise to each agent, and what later runs of held-out rows say of it.
  @HTMLBuilder private var promises: [HTML] {
    let known = bundles.compactMap(\.calibration.agents)
    if let agents = known.first {
      DataTable(
        caption: "Clean blocks named suspect, by agent, in percent", corner: "agent",
        columns: ["promised", "last run", "worst run", "alarm after rows", "gate"].map { .init($0) },
        rows: agents.enumerated().map { index, agent in
          let own = known.filter { $0.count == agents.count }.map { $0[index] }
          func largest(_ rates: [Double?]) -> String {
            rates.compactMap { $0 }.max().map { Number.percent($0) } ?? Number.none
          }
          return DataTable.Row(
            agent.agent.name,
            cells: [
              largest(own.map(\.promised)), largest(own.map(\.lastRun)), largest(own.map(\.worstRun)),
              "\(own.map(\.alarmLimit).max() ?? 0)",
              own.contains(where: \.isGateHeld) ? "held at the widest" : "as asked",
            ].map { .text($0) })
        }
      ).html
      HTML("p") {
        "Promised, and found in runs of training rows that had no say in the limits that they are judged by; the largest over the seeds."
      }
    }
  }

  // MARK: Theorem 2

  @HTMLBuilder private var leverage: [HTML] {
    HTML(heading) { "How many liars it can bear" }
    let numbers = Set(bundles.flatMap(\.leverage).map(\.corrupted)).sorted()
    if numbers.isEmpty {
      HTML("p") { "Leverage constants are known of affine manifolds only; Theorem 2’s condition was not examined." }
    } else {
      HTML("div", ["class": "tables"]) {
        DataTable(
          caption: "Leverage constants and Theorem 2’s condition, by seed", corner: "seed",
          columns: numbers.map { .init("q = \($0)") },
          rows: bundles.map { bundle in
            DataTable.Row(
              "\(bundle.seed)",
              cells: numbers.map { number in
                bundle.leverage.first { $0.corrupted == number }.map(Self.cell) ?? .text(Number.none)
              })
          }
        ).html
        withMissing
      }
    }
  }

  /// Leverage constants for each set of agents that an attack silences.
  private var withMissing: HTML? {
    let rows = bundles.flatMap { bundle in
      (bundle.leverageWithMissing ?? []).map { (seed: bundle.seed, leverage: $0) }
    }
    let numbers = Set(rows.flatMap(\.leverage.constants).map(\.corrupted)).sorted()
    guard !numbers.isEmpty else { return nil }
    return DataTable(
      caption: "The same where agents are silent, by seed", corner: "silent agents, seed",
      columns: numbers.map { .init("q = \($0)") },
      rows: rows.map { row in
        DataTable.Row(
          "\(Number.list(row.leverage.missing)), \(row.seed)",
          cells: numbers.map { number in
            row.leverage.constants.first { $0.corrupted == number }.map(Self.cell) ?? .text(Number.none)
          })
      }
    ).html
  }

  private static func cell(_ constant: LeverageConstant) -> HTML {
    HTML {
      constant.isExact
        ? Number.fixed(constant.bound, decimals: 3)
        : "\(Number.fixed(constant.bound, decimals: 3)) to \(Number.fixed(constant.attained, decimals: 3))"
      HTML("span", ["class": "under"]) { constant.isExact ? "exact" : "bound and attained" }
      if constant.guaranteesRecovery {
        HTML("span", ["class": "under better"]) { "✓\u{A0}holds" }
      } else if constant.attained <= 0.5 {
        HTML("span", ["class": "under worse"]) { "✗\u{A0}does not hold" }
      } else {
        HTML("span", ["class": "under"]) { "?\u{A0}not proven" }
      }
    }
  }
}
