/// The looks of a series: colour, marker and dashes, so that none of them has to tell it from others alone.
///
/// The colours are Okabe and Ito's (2008), which colour-blind readers can tell apart; the style sheet names them.
struct SeriesStyle {
  /// A marker's shape.
  enum Marker: CaseIterable {
    case circle, square, triangle, diamond, invertedTriangle, plus, cross, star, hexagon
  }

  /// The series' number, from 0.
  let index: Int

  /// The classes that give elements the colour.
  var colorClass: String { "c\(index % 8)" }
  var marker: Marker { Marker.allCases[index % Marker.allCases.count] }
  /// The value of `stroke-dasharray`; nil for a solid line.
  var dashes: String? { [nil, "7 3", "2 3", "8 3 2 3"][index % 4] }

  /// A marker of the series.
  func marker(x: Double, y: Double, radius: Double = 4) -> HTML {
    func corners(_ points: [(Double, Double)], isClosed: Bool = true) -> HTML {
      let steps = points.enumerated().map { index, point in
        "\(index == 0 ? "M" : "L")\(SVG.number(x + radius * point.0)) \(SVG.number(y + radius * point.1))"
      }
      return HTML("path", ["class": "mark", "d": steps.joined() + (isClosed ? "Z" : "")])
    }
    switch marker {
    case .circle:
      return HTML("circle", ["class": "mark", "cx": SVG.number(x), "cy": SVG.number(y), "r": SVG.number(radius)])
    case .square: return corners([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case .triangle: return corners([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)])
    case .diamond: return corners([(0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)])
    case .invertedTriangle: return corners([(0, 1.2), (1.1, -0.8), (-1.1, -0.8)])
    case .plus:
      return corners([
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ])
    case .cross:
      return corners([
        (-1.1, -0.6), (-0.6, -1.1), (0, -0.5), (0.6, -1.1), (1.1, -0.6), (0.5, 0), (1.1, 0.6), (0.6, 1.1), (0, 0.5),
        (-0.6, 1.1), (-1.1, 0.6), (-0.5, 0),
      ])
    case .star:
      return corners([
        (0, -1.4), (0.33, -0.45), (1.33, -0.43), (0.53, 0.17), (0.82, 1.13), (0, 0.55), (-0.82, 1.13), (-0.53, 0.17),
        (-1.33, -0.43), (-0.33, -0.45),
      ])
    case .hexagon: return corners([(-0.55, -1), (0.55, -1), (1.15, 0), (0.55, 1), (-0.55, 1), (-1.15, 0)])
    }
  }

  /// A line of the series with its marker, for a legend.
  var sample: HTML {
    HTML("svg", ["class": colorClass, "width": "34", "height": "12", "viewBox": "0 0 34 12", "aria-hidden": "true"]) {
      HTML("path", ["class": "line", "d": "M1 6L33 6", "stroke-dasharray": dashes])
      marker(x: 17, y: 6)
    }
  }
}
