import CopurCore
import CopurImages
import CopurReports
import Foundation

/// The results of `copur certify pixels`, as text, files and a page.
struct PixelResults: Codable, Sendable {
  /// An attacker's means.
  enum Threat: String, Codable, Sendable {
    /// Pixels anywhere.
    case anywhere
    /// Pixels of one of four agents, whichever.
    case oneAgent = "one agent"
  }

  /// A defence with a rule.
  struct Line: Codable, Sendable {
    var defense: String
    var settings: String
    var threat: Threat
    /// The radius that stands for all of an agent, whichever; nil against pixels anywhere.
    var wholeAgent: Int?
    /// The outcome of each certified picture.
    var outcomes: [PixelOutcome]
    /// The outcome of each prediction, where predictions abstain by a rule of their own; nil for the same.
    var predictions: [PixelOutcome]?
    /// The confidence of a certificate; nil for exact ones.
    var confidence: Double?
    var trainSeconds: Double
    var certifySeconds: Double
    /// The number of pixels that fooled each attacked picture; nil entries for those that were not fooled.
    var attacked: [Int?]?
    var medianAttacked: Double?
    var contradictions: Int?
  }

  var dataset: String
  var digest: String
  var trainRows: Int
  var seed: UInt64
  /// The number of test pictures that ablation certifies; partitions certify all.
  var images: Int
  /// The test pictures of the most frequent training class.
  var majority: PixelTable.Share
  var lines: [Line] = []

  /// The numbers of changed pixels in tables and figures.
  private static let changed = [0, 1, 2, 4, 6, 8, 10, 12, 16, 20]

  private func row(_ line: Line) -> PixelTable.Row {
    var row = PixelTable.Row(
      name: line.defense, outcomes: line.outcomes, predictions: line.predictions, changed: Self.changed)
    (row.attacked, row.contradictions) = (line.medianAttacked, line.contradictions)
    return row
  }

  /// The pictures that are certified whatever a whole agent sends; nil against pixels anywhere.
  private func whole(_ line: Line) -> PixelTable.Share? {
    line.wholeAgent.map { radius in
      PixelTable.Share(count: line.outcomes.certified(against: radius), total: line.outcomes.count)
    }
  }

  private static func percent(_ share: PixelTable.Share) -> String { String(format: "%.1f", 100 * share.value) }

  private static func interval(_ share: PixelTable.Share) -> String {
    String(format: "%.1f (%.1f–%.1f)", 100 * share.value, 100 * share.low, 100 * share.high)
  }

  private static func number(_ value: Double?) -> String { value.map { String(format: "%g", $0) } ?? "–" }

  /// The table for a terminal.
  var text: String {
    var rows = [
      ["defence", "right", "abstained", "median"] + Self.changed.dropFirst().map { "ρ=\($0)" }
        + ["agent", "attack", "train s", "certify ms"]
    ]
    for line in lines {
      let row = row(line)
      rows.append(
        [line.defense, Self.percent(row.right), Self.percent(row.abstained), Self.number(row.median)]
          + row.certified.dropFirst().map { Self.percent($0.share) }
          + [
            whole(line).map(Self.percent) ?? "–",
            line.contradictions.map { "\(Self.number(line.medianAttacked))\($0 == 0 ? "" : " (\($0)!)")" } ?? "–",
            String(format: "%.0f", line.trainSeconds),
            String(format: "%.3g", 1000 * line.certifySeconds / Double(max(1, line.outcomes.count))),
          ])
    }
    let settings = lines.reduce(into: [String]()) { all, line in
      let text = "\(line.defense.prefix { $0 != "," }): \(line.settings), \(line.outcomes.count) pictures"
      if !all.contains(text) { all.append(text) }
    }
    return AlignedRows(rows).text + "\n" + settings.map { "\($0)\n" }.joined()
      + """

      Percent of the test pictures of \(dataset); ρ: predicted right, and so whatever ρ pixels become, of any place, or of any
      one agent for quadrants; agent: whatever a whole agent sends. Median radius: wrong and abstained ones count as −∞.
      Ablation's certificates hold with 95 % confidence for each picture; those of partitions are exact. Attack: the median
      number of pixels with which the pointwise attack fools\(contradictionWords). A constant guess, which nothing changes: \
      \(Self.percent(majority)).

      """
  }

  private var contradictionWords: String {
    let count = lines.compactMap(\.contradictions).reduce(0, +)
    guard lines.contains(where: { $0.contradictions != nil }) else { return "" }
    return count == 0 ? ", never under a certificate" : ", \(count) TIMES UNDER A CERTIFICATE, which is an error"
  }

  /// The figures of the paper's table 1 for MNIST, beside ours in the report.
  private struct Published {
    let keep: Int
    let right: Double
    let abstained: Double
    let median: Int

    static let ablation = [
      Published(keep: 20, right: 90.29, abstained: 1.81, median: 3),
      Published(keep: 45, right: 96.72, abstained: 0.45, median: 8),
      Published(keep: 100, right: 98.75, abstained: 0.16, median: 4),
    ]
  }

  /// Writes `results.json`, `outcomes.csv` and `report.html`.
  ///
  /// - Throws: ``CopurError`` that names the file.
  func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try DurableFile.write(encoder.encode(self), to: folder.appending(path: "results.json"), permissions: 0o644)
    var csv = "defense,image,outcome,radius\n"
    for line in lines {
      for (image, outcome) in line.outcomes.enumerated() {
        let (word, radius): (String, String) =
          switch outcome {
          case .abstained: ("abstained", "")
          case .wrong: ("wrong", "")
          case .certified(let radius): ("certified", "\(radius)")
          }
        csv += "\(RowFile.csvEscaped(line.defense)),\(image),\(word),\(radius)\n"
      }
    }
    try DurableFile.write(Data(csv.utf8), to: folder.appending(path: "outcomes.csv"), permissions: 0o644)
    try DurableFile.write(Data(page.markup.utf8), to: folder.appending(path: "report.html"), permissions: 0o644)
  }

  private var page: StudyPage {
    var tables = [
      StudyPage.Table(
        caption:
          "Percent of the test pictures that are right, and certified for ρ changed pixels; 95 % intervals (Clopper "
          + "and Pearson)",
        corner: "defence",
        columns: ["pictures", "right", "abstained", "median ρ"] + Self.changed.dropFirst().map { "ρ = \($0)" }
          + ["whole agent", "pointwise attack"],
        rows: lines.map { line in
          let row = row(line)
          return StudyPage.Table.Row(
            line.defense, note: line.settings,
            cells: [
              "\(line.outcomes.count)", Self.interval(row.right), Self.percent(row.abstained), Self.number(row.median),
            ] + row.certified.dropFirst().map { Self.interval($0.share) } + [
              whole(line).map(Self.interval) ?? "–",
              line.contradictions.map {
                "\(Self.number(line.medianAttacked)), \($0 == 0 ? "none" : "\($0)") under a certificate"
              } ?? "–",
            ])
        })
    ]
    if dataset == "mnist", lines.contains(where: { $0.defense.hasPrefix("ablation") }) {
      tables.append(
        StudyPage.Table(
          caption:
            "As published for MNIST (Levine and Feizi 2020, table 1): 400 epochs, 10,000 pictures, 10,000 votes; "
            + "partitions (Hammoudeh and Lowd 2024): median 12",
          corner: "ablation", columns: ["right", "abstained", "median ρ"],
          rows: Published.ablation.map {
            StudyPage.Table.Row("k = \($0.keep)", cells: ["\($0.right)", "\($0.abstained)", "\($0.median)"])
          }))
    }
    return StudyPage(
      title: "Changed pixels: \(dataset)",
      lead: [
        "The attacker knows everything and changes any ρ pixels to any values; of quadrants, pixels of any one agent. Certified "
          + "pictures are predicted right, and so whatever it does: proven for each picture, not tried."
      ],
      figure: StudyPage.Figure(
        title: "certified accuracy, %", xTitle: "ρ, changed pixels", xLabels: Self.changed.map(String.init),
        curves: lines.map { line in (line.defense, row(line).certified.map(\.share.value)) },
        caption:
          "At ρ = 0: right, and of ablation also certain to be so. A constant guess, which nothing changes: \(Self.percent(majority)) %."
      ),
      tables: tables,
      notes: [
        "\(trainRows) training pictures, seed \(seed).",
        "Ablation's certificates hold with 95 % confidence for each picture, not for all at once; partitions' are exact.",
        "Smaller than in the paper: "
          + lines.filter { $0.defense.hasPrefix("ablation") }.prefix(1)
          .map { "\($0.settings), \($0.outcomes.count) pictures (the paper: 400 epochs, 10,000 pictures)" }.joined(),
      ].filter { !$0.hasSuffix(": ") })
  }
}
