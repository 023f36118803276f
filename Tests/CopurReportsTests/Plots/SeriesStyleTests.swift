import CopurReports
import Foundation
import Testing

/// The looks of series as readers see them who tell colours apart in other ways.
struct SeriesStyleTests {
  private static let sheet: String = {
    let file = URL(filePath: #filePath).appending(path: "../../../../Sources/CopurReports/Resources/report.css")
    return (try? String(contentsOf: file.standardized, encoding: .utf8)) ?? ""
  }()

  /// The value of a variable in each place of the style sheet that sets it: light, dark, print.
  private static func values(of name: String) -> [SimulatedColor] {
    sheet.matches(of: /--(\w+): #([0-9a-f]{3,6});/).filter { $0.1 == name }.compactMap { SimulatedColor(String($0.2)) }
  }

  @Test("Any two colours are told apart, by whomever, and each from the page", arguments: [0, 1, 2])
  func colors(theme: Int) throws {
    let page = try #require(Self.values(of: "page").dropFirst(theme).first)
    let colors = (0..<SeriesStyle.colors).compactMap { Self.values(of: "s\($0)").dropFirst(theme).first }
    try #require(colors.count == SeriesStyle.colors)
    for (index, color) in colors.enumerated() {
      #expect(color.contrast(with: page) >= 3, "colour \(index): \(color.contrast(with: page))")
      for other in 0..<index {
        for vision in SimulatedColor.Vision.allCases {
          let distance = color.distance(to: colors[other], as: vision)
          // 2.3 is just noticeable side by side; far apart and on thin lines it takes much more.
          #expect(distance >= (vision == .tritan ? 12 : 16), "colours \(other) and \(index), \(vision): \(distance)")
        }
      }
    }
  }

  @Test("Of the first 24 series no two share two of colour, dashes and marker; the ninth does not look like the first")
  func pairs() {
    let styles = (0..<24).map { SeriesStyle(index: $0) }
    for (index, style) in styles.enumerated() {
      for other in styles[..<index] {
        let shared = [
          style.colorClass == other.colorClass, style.dashes == other.dashes, style.marker == other.marker,
        ].count { $0 }
        #expect(shared < 2, "\(other.index) and \(index)")
      }
    }
    #expect(styles[0].dashes != styles[8].dashes && styles[0].marker != styles[8].marker)
  }

  @Test("The distance is CIEDE2000's: pairs of Sharma, Wu and Dalal (2005)")
  func published() {
    let pairs: [(one: [Double], other: [Double], distance: Double)] = [
      ([50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425), ([50, 2.5, 0], [73, 25, -18], 27.1492),
      ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ]
    for pair in pairs {
      #expect(abs(SimulatedColor.distance(pair.one, pair.other) - pair.distance) < 1e-4, "\(pair)")
    }
  }
}
