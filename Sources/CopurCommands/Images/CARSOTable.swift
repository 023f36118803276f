import CopurImages
import CopurReports
import Foundation

/// The results of `copur study carso` over seeds, as text and as a page.
struct CARSOTable {
  let dataset: String
  /// One a seed, of the same settings; at least one.
  let results: [CARSOStudy.Result]

  /// A victim under an attack in all seeds.
  private struct Line {
    let victim: CARSOStudy.Victim
    let attack: String
    let rows: [CARSOStudy.Row]

    /// Whether it moved no picture in any seed.
    var isBroken: Bool { rows.allSatisfy(\.isBroken) }

    func figure(_ path: (CARSOStudy.Row) -> Double) -> String {
      let values = rows.map { 100 * path($0) }
      let mean = values.reduce(0, +) / Double(values.count)
      guard values.count > 1 else { return String(format: "%.1f", mean) }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return String(format: "%.1f ± %.1f", mean, (squares / Double(values.count - 1)).squareRoot())
    }

    var cells: [String] {
      let moved = rows.compactMap(\.moved)
      return [
        figure { Double($0.figures.mean) }, figure { Double($0.figures.majority) }, figure { Double($0.figures.worst) },
        moved.isEmpty
          ? "–" : isBroken ? "none: broken" : String(format: "%g", Double(moved.reduce(0, +)) / Double(moved.count)),
      ]
    }
  }

  private var lines: [Line] {
    results[0].rows.map { row in
      Line(
        victim: row.victim, attack: row.attack,
        rows: results.compactMap { result in
          result.rows.first {
            $0.victim == row.victim && $0.attack == row.attack && $0.radius == row.radius && $0.isJudged == row.isJudged
          }
        })
    }
  }

  private static let headers = ["mean of ten", "majority", "worst of ten", "moved"]

  private var divergence: Double {
    results.reduce(0) { $0 + Double($1.losses.divergence) } / Double(results.count)
  }

  private var notes: [String] {
    let settings = results[0].settings
    return [
      String(
        format: "ε = %.4g; %d training and %d test pictures, %d draws a prediction, %d seed%@.", settings.radius,
        results[0].trainPictures, results[0].testPictures, settings.draws, results.count, results.count == 1 ? "" : "s"),
      String(format: "Divergence of the purifier's code from noise: %.3f nats a picture. ", divergence)
        + (divergence < 0.1
          ? "Its draws are alike: it is in effect one autoencoder of the classifier's inner layers."
          : "Draws differ by what the code holds."),
      "A row that is called broken moved no picture: it says nothing of robustness.",
      "Attacks with ε = 0.95 are a check: they have to leave nothing right, and count for no worst row.",
    ]
  }

  var text: String {
    var rows = [["victim", "attack"] + Self.headers]
    for line in lines { rows.append([line.victim.rawValue, line.attack] + line.cells) }
    return AlignedRows(rows).text + "\nPercent of the test pictures of \(dataset) that are right.\n"
      + notes.map { "\($0)\n" }.joined()
  }

  /// The paper's figures (table 2), beside ours in the report.
  private static let published = [
    ("CIFAR-10", ["92.16", "67.73", "86.86", "76.13"]), ("CIFAR-100", ["73.85", "39.18", "68.06", "66.65"]),
    ("TinyImageNet-200", ["65.19", "31.30", "56.32", "53.56"]),
  ]

  var page: StudyPage {
    StudyPage(
      title: "CARSO: \(dataset)",
      lead: [
        "The attacker knows classifier, purifier and how draws are made, and changes every value of a picture by up to ε. All "
          + "attacks but the transferred one go through everything, by losses that stay finite."
      ],
      tables: [
        StudyPage.Table(
          caption: "Percent of the test pictures that are right; ± one standard deviation over seeds", corner: "victim",
          columns: ["attack"] + Self.headers,
          rows: lines.map { StudyPage.Table.Row($0.victim.rawValue, cells: [$0.attack] + $0.cells) }),
        StudyPage.Table(
          caption:
            "As published, in percent: larger pictures and networks, hours on eight accelerators. The figures under "
            + "attack were taken with a loss that can become infinite, through which attacks stand still",
          corner: "pictures",
          columns: ["classifier, clean", "classifier, attacked", "CARSO, clean", "CARSO, attacked"],
          rows: Self.published.map { StudyPage.Table.Row($0.0, cells: $0.1) }),
      ], notes: notes)
  }
}
