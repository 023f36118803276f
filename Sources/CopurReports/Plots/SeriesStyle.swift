/// The looks of a series: colour, marker and dashes, so that none of them has to tell it from others alone.
///
/// The style sheet names the colours. They began as Okabe and Ito's (2008) and were moved until any two of them are far
/// apart (CIEDE2000) as trichromats, protanopes and deuteranopes see them (Machado et al. 2009), and each has a contrast of
/// 3 to 1 with the page; a test measures both. Of the first 24 series no two share two of colour, dashes and marker.
package struct SeriesStyle {
  /// A marker's shape.
  package enum Marker: CaseIterable {
    case circle, square, triangle, diamond, invertedTriangle, plus, cross, star, ring, frame, hollowDiamond

    /// Whether the page is seen through it.
    var isHollow: Bool {
      switch self {
      case .ring, .frame, .hollowDiamond: true
      default: false
      }
    }
  }

  /// The number of colours of the style sheet.
  package static let colors = 8
  private static let patterns: [String?] = [nil, "7 3", "2 3", "9 3 2 3", "12 2"]

  /// The series' number, from 0.
  package let index: Int

  /// - Parameter index: From 0.
  package init(index: Int) { self.index = index }

  /// The classes that give elements the colour.
  package var colorClass: String { "c\(index % Self.colors)" }
  package var marker: Marker { Marker.allCases[index % Marker.allCases.count] }
  /// The value of `stroke-dasharray`; nil for a solid line. Series that have the same colour have other dashes.
  package var dashes: String? { Self.patterns[(index + index / Self.colors) % Self.patterns.count] }

  /// A marker of the series.
  func marker(x: Double, y: Double, radius: Double = 4) -> HTML {
    let style = marker.isHollow ? "mark hollow" : "mark"
    guard let outline = marker.outline else {
      return HTML("circle", ["class": style, "cx": SVG.number(x), "cy": SVG.number(y), "r": SVG.number(radius)])
    }
    let steps = outline.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(SVG.number(x + radius * point.x)) \(SVG.number(y + radius * point.y))"
    }
    return HTML("path", ["class": style, "d": steps.joined() + "Z"])
  }

  /// A line of the series with its marker, for a legend.
  var sample: HTML {
    HTML("svg", ["class": colorClass, "width": "34", "height": "12", "viewBox": "0 0 34 12", "aria-hidden": "true"]) {
      HTML("path", ["class": "line", "d": "M1 6L33 6", "stroke-dasharray": dashes])
      marker(x: 17, y: 6)
    }
  }
}

extension SeriesStyle.Marker {
  /// The corners of a marker of radius 1; nil for a circle.
  fileprivate var outline: [(x: Double, y: Double)]? {
    switch self {
    case .circle, .ring: nil
    case .square, .frame: [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
    case .triangle: [(0, -1.2), (1.1, 0.8), (-1.1, 0.8)]
    case .diamond, .hollowDiamond: [(0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)]
    case .invertedTriangle: [(0, 1.2), (1.1, -0.8), (-1.1, -0.8)]
    case .plus:
      [
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ]
    case .cross:
      [
        (-1.1, -0.6), (-0.6, -1.1), (0, -0.5), (0.6, -1.1), (1.1, -0.6), (0.5, 0), (1.1, 0.6), (0.6, 1.1), (0, 0.5),
        (-0.6, 1.1), (-1.1, 0.6), (-0.5, 0),
      ]
    case .star:
      [
        (0, -1.4), (0.33, -0.45), (1.33, -0.43), (0.53, 0.17), (0.82, 1.13), (0, 0.55), (-0.82, 1.13), (-0.53, 0.17),
        (-1.33, -0.43), (-0.33, -0.45),
      ]
    }
  }
}
