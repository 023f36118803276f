/// Lines over an axis, one a series, with marks where something was measured and bars of one standard deviation.
struct LinePlot {
  /// One line.
  struct Series {
    var name: String
    var style: SeriesStyle
    /// The places along the x axis, as numbers of ``LinePlot/xLabels``, and the values there.
    var points: [(x: Int, value: Summary)]
  }

  /// A dashed line across the plot.
  struct Reference {
    var name: String
    var value: Double
  }

  var id: String
  /// The quantity of the y axis; stands above the plot.
  var title: String
  /// The words under the x axis.
  var xTitle: String
  /// The places along the x axis.
  var xLabels: [String]
  /// Their values on a logarithmic axis, over 0; nil for evenly spaced.
  var xValues: [Double]?
  /// The fractions from which to which the y axis goes; it is labelled in percent.
  var range: ClosedRange<Double> = 0...1
  var series: [Series]
  var reference: Reference?
  /// Places along the x axis to point out, with what there is to say.
  var highlights: [(x: Int, text: String)] = []

  private static let (width, height) = (360.0, 250.0)
  private static let (left, right, top, bottom) = (40.0, 350.0, 30.0, 204.0)

  var html: HTML {
    let y = Scale(domain: range, from: Self.bottom, to: Self.top)
    return SVG(
      id: id, title: "\(title), by \(xTitle)", description: description, width: Self.width, height: Self.height
    )
    .drawing {
      SVG.text(title, style: "heading", x: 0, y: 14, anchor: "start")
      for tick in y.ticks() {
        SVG.line("grid", from: (Self.left, y.position(tick)), to: (Self.right, y.position(tick)))
        SVG.text(
          Number.fixed(100 * tick, decimals: 0), style: "tick", x: Self.left - 6, y: y.position(tick) + 3.5,
          anchor: "end")
      }
      for (place, label) in xLabels.enumerated() {
        SVG.line("axis", from: (x(place), Self.bottom), to: (x(place), Self.bottom + 4))
        SVG.text(label, style: "tick", x: x(place), y: Self.bottom + 17)
      }
      SVG.line("axis", from: (Self.left, Self.bottom), to: (Self.right, Self.bottom))
      SVG.text(xTitle, style: "label", x: (Self.left + Self.right) / 2, y: Self.bottom + 38)
      for highlight in highlights {
        SVG.line("highlight", from: (x(highlight.x), Self.top), to: (x(highlight.x), Self.bottom))
        SVG.text(
          highlight.text, style: "note", x: x(highlight.x) + (isRight(highlight.x) ? -5 : 5), y: Self.bottom - 6,
          anchor: isRight(highlight.x) ? "end" : "start")
      }
      if let reference, range.contains(reference.value) {
        SVG.line(
          "reference", from: (Self.left, y.position(reference.value)), to: (Self.right, y.position(reference.value)))
      }
      for (number, line) in series.enumerated() { drawing(of: line, number: number, y: y) }
    }
  }

  private func drawing(of line: Series, number: Int, y: Scale) -> HTML {
    // Side by side where they would hide each other.
    let shift = 3 * (Double(number) - Double(series.count - 1) / 2)
    let places = line.points.map { (x: x($0.x) + shift, y: y.position($0.value.mean), value: $0.value) }
    return HTML("g", ["class": line.style.colorClass]) {
      HTML("title") { line.name }
      if places.count > 1 {
        HTML(
          "path",
          [
            "class": "line", "stroke-dasharray": line.style.dashes,
            "d": places.enumerated().map { "\($0 == 0 ? "M" : "L")\(SVG.number($1.x)) \(SVG.number($1.y))" }.joined(),
          ])
      }
      for place in places {
        if let deviation = place.value.deviation {
          SVG.line(
            "bar", from: (place.x, y.position(place.value.mean - deviation)),
            to: (place.x, y.position(place.value.mean + deviation)))
        }
      }
      for place in places { line.style.marker(x: place.x, y: place.y) }
    }
  }

  /// The place of a number along the x axis.
  private func x(_ place: Int) -> Double {
    let step = (Self.right - Self.left) / Double(max(1, xLabels.count))
    guard let values = xValues, let least = values.min(), let most = values.max() else {
      return Self.left + step * (Double(place) + 0.5)
    }
    return Scale(.logarithmic, domain: least...most, from: Self.left + step / 2, to: Self.right - step / 2)
      .position(values[place])
  }

  private func isRight(_ place: Int) -> Bool { 2 * place >= xLabels.count }

  private var description: String {
    let lines = series.map { line in
      "\(line.name): "
        + line.points.map { "\(xLabels[$0.x]): \(Number.percent($0.value)) %" }.joined(separator: ", ")
    }
    let dashed = reference.map { ["\($0.name), dashed: \(Number.percent($0.value)) %"] } ?? []
    return (lines + dashed).joined(separator: ". ") + "."
  }
}
