/// A drawing's frame, and what all drawings have in common.
struct SVG {
  /// The name of the drawing on the page; no two have the same.
  var id: String
  /// The figure's name, for whoever cannot see it.
  var title: String
  /// The figure in words, for whoever cannot see it.
  var description: String
  /// In units of about a CSS pixel.
  var width: Double
  var height: Double

  /// The drawing.
  func drawing(@HTMLBuilder content: () -> [HTML]) -> HTML {
    HTML(
      "svg",
      [
        "viewBox": "0 0 \(Self.number(width)) \(Self.number(height))", "role": "img",
        "aria-labelledby": "\(id)-title \(id)-description",
      ]
    ) {
      HTML("title", ["id": "\(id)-title"]) { title }
      HTML("desc", ["id": "\(id)-description"]) { description }
      content()
    }
  }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    let text = Number.fixed(value, decimals: 1).replacing("−", with: "-")
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A straight line.
  static func line(_ style: String, from start: (x: Double, y: Double), to end: (x: Double, y: Double)) -> HTML {
    HTML(
      "line",
      [
        "class": style, "x1": number(start.x), "y1": number(start.y), "x2": number(end.x), "y2": number(end.y),
      ])
  }

  /// A line of text.
  ///
  /// - Parameters:
  ///   - anchor: Which end of the text is at the place: `start`, `middle` or `end`.
  ///   - rotation: In degrees around the place, clockwise; nil for none.
  static func text(
    _ text: String, style: String, x: Double, y: Double, anchor: String = "middle", rotation: Double? = nil
  ) -> HTML {
    HTML(
      "text",
      [
        "class": style, "x": number(x), "y": number(y), "text-anchor": anchor,
        "transform": rotation.map { "rotate(\(number($0)) \(number(x)) \(number(y)))" },
      ]
    ) { text }
  }
}
