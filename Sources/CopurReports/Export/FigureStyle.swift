internal import Foundation

/// The looks of a figure that stands alone: the report's, as on a light page, without variables, which few programs besides
/// browsers resolve.
enum FigureStyle {
  /// Fonts that are there on most machines; text stays text.
  private static let fonts = "\"Liberation Sans\", Arial, Helvetica, \"DejaVu Sans\", sans-serif"

  /// The rules of the report's style sheet that are about drawings.
  static let styleSheet: String = rules(of: String(decoding: PackageResources.report_css, as: UTF8.self))

  private static func rules(of report: String) -> String {
    let variables = variables(in: report)
    // What gives a series its colour, such as `.c0, .honest { --c: var(--s0); }`.
    let colors = report.matches(of: /(?<selectors>[.\w, ]+)\{ --c: var\(--(?<name>\w+)\); \}/).flatMap { match in
      match.selectors.split(separator: ",").map {
        (selector: $0.trimmingCharacters(in: .whitespaces), color: variables[String(match.name)] ?? "#000")
      }
    }
    var rules = ["text { font-family: \(fonts); font-size: 10.5px; }"]
    for match in report.matches(of: /(?m)^svg (?<selectors>[^{\[]+?) \{ (?<body>[^}]*)\}/) {
      let selectors = match.selectors.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces).replacing(#/^svg /#, with: "")
      }
      let body = match.body.replacing(/font: [^;]*;\s*/, with: "")
        .replacing(/var\(--(?<name>\w+)\)/) { found in
          variables[String(found.name)] ?? "var(--\(found.name))"
        }
      guard body.contains("var(--c)") else {
        rules.append("\(selectors.joined(separator: ", ")) { \(body)}")
        continue
      }
      for (parent, color) in colors {
        rules.append(
          "\(selectors.map { "\(parent) \($0)" }.joined(separator: ", ")) { "
            + "\(body.replacing("var(--c)", with: color))}")
      }
    }
    return rules.joined(separator: "\n")
  }

  /// The variables of the first rule, which is that of light pages.
  private static func variables(in report: String) -> [String: String] {
    guard let root = report.firstMatch(of: /:root \{(?<body>[^}]*)\}/) else { return [:] }
    let pairs = root.body.matches(of: /--(?<name>\w+): (?<value>#[0-9a-f]+);/)
    return Dictionary(pairs.map { (String($0.name), String($0.value)) }) { first, _ in first }
  }
}
