/// Means with their quartiles along a horizontal axis: groups under each other, and in each a line a series.
struct SpreadPlot {
  /// One mean and its quartiles.
  struct Entry {
    var name: String
    var style: SeriesStyle
    var mean: Double
    var quartiles: Quartiles
  }

  /// Entries under a heading.
  struct Group {
    var title: String
    var entries: [Entry]
  }

  var id: String
  var title: String
  /// The words under the x axis.
  var xTitle: String
  /// The value at the axis's right end; over 0. Its left end is 0.
  var most: Double
  var groups: [Group]

  private static let width = 360.0
  private static let (left, right, top) = (8.0, 348.0, 8.0)
  private static let (headingHeight, entryHeight, gap) = (18.0, 12.0, 6.0)

  var html: HTML {
    let x = Scale(domain: 0...most, from: Self.left, to: Self.right)
    let bottom = groups.reduce(Self.top) { $0 + height(of: $1) }
    return SVG(id: id, title: title, description: description, width: Self.width, height: bottom + 44).drawing {
      for tick in x.ticks() {
        SVG.line("grid", from: (x.position(tick), Self.top), to: (x.position(tick), bottom))
        SVG.text(Number.short(tick, digits: 2), style: "tick", x: x.position(tick), y: bottom + 15)
      }
      SVG.line("axis", from: (Self.left, bottom), to: (Self.right, bottom))
      SVG.text(xTitle, style: "label", x: (Self.left + Self.right) / 2, y: bottom + 35)
      for (number, group) in groups.enumerated() {
        drawing(of: group, top: groups[..<number].reduce(Self.top) { $0 + height(of: $1) }, x: x)
      }
    }
  }

  private func drawing(of group: Group, top: Double, x: Scale) -> HTML {
    HTML("g") {
      SVG.text(group.title, style: "row", x: Self.left, y: top + 12, anchor: "start")
      for (number, entry) in group.entries.enumerated() {
        let y = top + Self.headingHeight + Self.entryHeight * (Double(number) + 0.5)
        HTML("g", ["class": entry.style.colorClass]) {
          HTML("title") { words(on: entry) }
          SVG.line(
            "spread", from: (x.position(entry.quartiles.lower), y), to: (x.position(entry.quartiles.upper), y))
          entry.style.marker(x: x.position(entry.mean), y: y)
        }
      }
    }
  }

  private func height(of group: Group) -> Double {
    Self.headingHeight + Self.entryHeight * Double(group.entries.count) + Self.gap
  }

  private func words(on entry: Entry) -> String {
    "\(entry.name): mean \(Number.significant(entry.mean)), quartiles \(Number.significant(entry.quartiles.lower)) and "
      + Number.significant(entry.quartiles.upper)
  }

  private var description: String {
    groups.map { "\($0.title): " + $0.entries.map(words).joined(separator: "; ") }.joined(separator: ". ") + "."
  }
}
