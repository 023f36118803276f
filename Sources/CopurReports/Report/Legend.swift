/// A figure's legend: the names of its lines and marks.
struct Legend {
  /// The series, in the order of their styles.
  var names: [String]
  /// The series that are in the figure, by their place; nil for all.
  var shown: Set<Int>?
  /// The name of a dashed line across the figure, if there is one.
  var reference: String?

  var html: HTML {
    HTML("ul", ["class": "legend"]) {
      for (index, name) in names.enumerated() where shown?.contains(index) ?? true {
        HTML("li") {
          SeriesStyle(index: index).sample
          " " + name
        }
      }
      if let reference {
        HTML("li") {
          HTML("svg", ["width": "34", "height": "12", "viewBox": "0 0 34 12", "aria-hidden": "true"]) {
            SVG.line("reference", from: (1, 6), to: (33, 6))
          }
          " " + reference
        }
      }
    }
  }
}
