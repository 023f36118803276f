/// Losses over the epochs of a training, a line a series; both axes are logarithmic, since most happens at the beginning.
struct LossPlot {
  /// One line.
  struct Series {
    var name: String
    var style: SeriesStyle
    /// Epochs and losses, both over 0.
    var points: [(epoch: Int, loss: Double)]
  }

  var id: String
  /// The stage of the training.
  var title: String
  var series: [Series]

  private static let (width, height) = (360.0, 250.0)
  private static let (left, right, top, bottom) = (48.0, 350.0, 30.0, 204.0)

  /// The drawing; nil if there is nothing to draw.
  var html: HTML? {
    let points = series.flatMap(\.points)
    guard let least = points.map(\.loss).min(), let most = points.map(\.loss).max(),
      let last = points.map(\.epoch).max()
    else { return nil }
    let y = Scale(.logarithmic, domain: least...most, from: Self.bottom, to: Self.top)
    let x = Scale(.logarithmic, domain: 1...Double(max(2, last)), from: Self.left, to: Self.right)
    return SVG(
      id: id, title: "Loss of \(title), by epoch", description: description, width: Self.width, height: Self.height
    ).drawing {
      SVG.text("loss of \(title)", style: "heading", x: 0, y: 14, anchor: "start")
      for tick in y.ticks() {
        SVG.line("grid", from: (Self.left, y.position(tick)), to: (Self.right, y.position(tick)))
        SVG.text(Number.short(tick), style: "tick", x: Self.left - 6, y: y.position(tick) + 3.5, anchor: "end")
      }
      for tick in x.ticks() {
        SVG.line("axis", from: (x.position(tick), Self.bottom), to: (x.position(tick), Self.bottom + 4))
        SVG.text(Number.short(tick), style: "tick", x: x.position(tick), y: Self.bottom + 17)
      }
      SVG.line("axis", from: (Self.left, Self.bottom), to: (Self.right, Self.bottom))
      SVG.text("epoch, logarithmic", style: "label", x: (Self.left + Self.right) / 2, y: Self.bottom + 38)
      for line in series {
        HTML("g", ["class": line.style.colorClass]) {
          HTML("title") { line.name }
          HTML(
            "path",
            [
              "class": "line", "stroke-dasharray": line.style.dashes,
              "d": line.points.enumerated().map { place, point in
                "\(place == 0 ? "M" : "L")\(SVG.number(x.position(Double(point.epoch)))) "
                  + SVG.number(y.position(point.loss))
              }.joined(),
            ])
          if let end = line.points.last {
            line.style.marker(x: x.position(Double(end.epoch)), y: y.position(end.loss))
          }
        }
      }
    }
  }

  private var description: String {
    series.compactMap { line -> String? in
      guard let first = line.points.first, let last = line.points.last else { return nil }
      return "\(line.name): \(Number.significant(first.loss)) after epoch \(first.epoch), "
        + "\(Number.significant(last.loss)) after epoch \(last.epoch)"
    }.joined(separator: ". ") + "."
  }
}
