internal import CopurCore

/// One number of a run in a row of its own, as programs for statistics take them (Wickham 2014, "Tidy Data").
public struct TidyRow: Hashable, Sendable {
  /// The scenario.
  public var scenario: String
  /// The point of a sweep; nil for a run of its own.
  public var point: String?
  /// The seed.
  public var seed: UInt64
  /// The attack; nil for what is of no attack, such as losses.
  public var attack: String?
  /// The defence; nil for what is of several.
  public var defense: String?
  /// The agent; nil for what is of all.
  public var agent: String?
  /// The stage of the training, of a loss; nil for other metrics.
  public var stage: String?
  /// The metric, such as `accuracy`: the name of a column of results.
  public var metric: String
  /// The epoch of a loss, from 1; nil for other metrics.
  public var step: Int?
  /// The number.
  public var value: Double
}

extension TidyRow: TabularRow {
  public static let columns = [
    "scenario", "point", "seed", "attack", "defense", "agent", "stage", "metric", "step", "value",
  ]

  public var fields: [TabularField] {
    [
      .text(scenario), .optional(point), .seed(seed), .optional(attack), .optional(defense), .optional(agent),
      .optional(stage),
      .text(metric), .optional(step), .number(value),
    ]
  }
}

extension RunReport {
  /// All numbers: each of its results', each agent's residuals and false alarms, what is certified, and the losses of trainings.
  public var tidyRows: [TidyRow] { rows.flatMap(tidyRows(of:)) + certificates.flatMap(tidyRows(of:)) + lossRows }

  private func row(_ seed: UInt64, _ metric: String, _ value: Double) -> TidyRow {
    TidyRow(scenario: record.scenario, point: record.point, seed: seed, metric: metric, value: value)
  }

  private func tidyRows(of result: ResultRow) -> [TidyRow] {
    func row(_ metric: String, _ value: Double, agent: String? = nil) -> TidyRow {
      var row = self.row(result.seed, metric, value)
      (row.attack, row.defense, row.agent) = (result.attack, result.defense, agent)
      return row
    }
    return zip(ResultRow.columns, result.fields).flatMap { column, field -> [TidyRow] in
      switch field {
      case .number(let value): return [row(column, value)]
      case .integer(let value): return [row(column, Double(value))]
      case .quartiles(let quartiles): return quartiles.named(column).map { row($0, $1) }
      case .residuals(let agents):
        return agents.flatMap { agent in
          (agent.quartiles?.named("residual") ?? []).map { row($0, $1, agent: agent.agent) }
        }
      case .falseAlarms(let agents):
        return agents.compactMap { agent in agent.rate.map { row("false_alarm_rate", $0, agent: agent.agent) } }
      case .text, .seed, .names, .none: return []
      }
    }
  }

  /// A certificate's rows: the threat that it is against stands in the place of an attack.
  private func tidyRows(of certificate: CertificateRow) -> [TidyRow] {
    zip(CertificateRow.columns, certificate.fields).compactMap { column, field in
      guard case .number(let value) = field else { return nil }
      var row = row(certificate.seed, column, value)
      (row.attack, row.defense) = (certificate.compromised.words, certificate.defense)
      return row
    }
  }

  /// The defences that share a training are one text, with semicolons between.
  private var lossRows: [TidyRow] {
    record.bundles.flatMap { bundle in
      (bundle.curves ?? []).flatMap { curve in
        curve.points.map { point in
          var row = row(bundle.seed, "loss", Double(point.loss))
          row.defense = bundle.defenses.map { $0.joined(separator: ";") }
          (row.stage, row.step) = (curve.stage, point.epoch)
          return row
        }
      }
    }
  }
}

extension Quartiles {
  /// Its numbers with their names.
  fileprivate func named(_ name: String) -> [(String, Double)] {
    [("\(name)_lower_quartile", lower), ("\(name)_median", median), ("\(name)_upper_quartile", upper)]
  }
}
