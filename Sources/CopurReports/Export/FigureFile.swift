internal import Foundation

/// A figure of a report as an SVG file that stands alone: its own style, its legend in it, no scripts, nothing loaded.
public struct FigureFile: Sendable {
  /// The name, without `.svg`.
  public let name: String
  /// The file.
  public let svg: String

  /// Between the drawing and its legend, and between the legend's lines.
  private static let (gap, line) = (8.0, 16.0)
  /// About how wide a letter is in the legend, and a sample with the room about it.
  private static let (letter, sample) = (6.3, 52.0)
  private static let margin = 4.0

  /// - Parameters:
  ///   - drawing: An `svg` element of the report, with an `id` in its title.
  ///   - legend: Samples and their names.
  fileprivate init?(_ drawing: HTML, legend: [(sample: HTML, name: String)]) {
    guard case .element(_, let attributes, let content) = drawing,
      let box = attributes.first(where: { $0.name == "viewBox" })?.value.split(separator: " ").compactMap({ Double($0) }
      ),
      box.count == 4, let label = attributes.first(where: { $0.name == "aria-labelledby" })?.value,
      let id = label.split(separator: " ").first, id.hasSuffix("-title")
    else { return nil }
    name = String(id.dropLast("-title".count))
    var (x, y) = (0.0, box[3] + Self.gap)
    var entries: [HTML] = []
    for (sample, text) in legend {
      let width = Self.sample + Self.letter * Double(text.count)
      if x > 0, x + width > box[2] { (x, y) = (0, y + Self.line) }
      entries.append(
        HTML("svg", ["x": SVG.number(x), "y": SVG.number(y), "width": "34", "height": "12"]) { sample })
      entries.append(SVG.text(text, style: "legend", x: x + 40, y: y + 9.5, anchor: "start"))
      x += width
    }
    let height = legend.isEmpty ? box[3] : y + Self.line
    // A name that is longer than the drawing is wide is not cut off.
    let widest = legend.map { Self.sample + Self.letter * Double($0.name.count) }.max() ?? 0
    let (width, tall) = (
      SVG.number(max(box[2], widest) + 2 * Self.margin), SVG.number(height + 2 * Self.margin)
    )
    let frame = HTML(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": tall,
        "viewBox": "\(SVG.number(-Self.margin)) \(SVG.number(-Self.margin)) \(width) \(tall)", "role": "img",
        "aria-labelledby": label,
      ]
    ) {
      HTML("style") { HTML.styleSheet("\n\(FigureStyle.styleSheet)\n") }
      content
      entries
    }
    svg = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + frame.markup
  }
}

extension RunReport {
  /// The figures of the report.
  public var figures: [FigureFile] {
    let results = RunResults(rows, agents: AgentNumbers(record: record, rows: rows))
    let page = ReportPage(record: record, results: results, certificates: CertificateResults(certificates)).html
    return page.all { $0 == "figure" }.flatMap { figure in
      let legend = figure.all { $0 == "li" }.compactMap { entry -> (sample: HTML, name: String)? in
        guard let sample = entry.all({ $0 == "svg" }).first else { return nil }
        return (sample, entry.plainText.trimmingCharacters(in: .whitespaces))
      }
      return figure.all { $0 == "svg" }.compactMap { FigureFile($0, legend: legend) }
    }
  }
}

extension HTML {
  /// The elements of a name, outermost first; not those within them.
  fileprivate func all(_ isWanted: (String) -> Bool) -> [HTML] {
    switch self {
    case .text, .styleSheet: []
    case .group(let pieces): pieces.flatMap { $0.all(isWanted) }
    case .element(let name, _, let content): isWanted(name) ? [self] : content.flatMap { $0.all(isWanted) }
    }
  }

  /// Its text, without what drawings say to those who cannot see them.
  fileprivate var plainText: String {
    switch self {
    case .text(let text): text
    case .styleSheet: ""
    case .group(let pieces): pieces.map(\.plainText).joined()
    case .element(let name, _, let content): name == "svg" ? "" : content.map(\.plainText).joined()
    }
  }
}
