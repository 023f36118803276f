import CopurImages
import Foundation
import Testing

@Suite("PixelOutcome")
struct PixelOutcomeTests {
  @Test("the median counts wrong and abstained pictures as −∞, and a radius of 0 as 0")
  func median() {
    #expect([PixelOutcome]().medianRadius == nil)
    #expect([.certified(radius: 0)].medianRadius == 0)
    #expect([.wrong, .certified(radius: 3), .certified(radius: 7)].medianRadius == 3)
    #expect([.certified(radius: 8), .certified(radius: 3), .wrong, .certified(radius: 6)].medianRadius == 4.5)
    #expect([.wrong, .abstained, .certified(radius: 7)].medianRadius == nil)
    #expect([.wrong, .certified(radius: 7)].medianRadius == nil)
  }

  @Test("the three cases stay apart in files")
  func coding() throws {
    let outcomes: [PixelOutcome] = [.abstained, .wrong, .certified(radius: 0), .certified(radius: 12)]
    let data = try JSONEncoder().encode(outcomes)
    #expect(try JSONDecoder().decode([PixelOutcome].self, from: data) == outcomes)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(PixelOutcome.self, from: Data(#"{"outcome": "certified", "radius": -1}"#.utf8))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(PixelOutcome.self, from: Data(#"{"outcome": "certified"}"#.utf8))
    }
  }

  @Test("a table has each share with its interval, and predictions beside certificates")
  func table() throws {
    let outcomes: [PixelOutcome] = [.abstained, .wrong, .certified(radius: 0), .certified(radius: 12), .abstained]
    let predictions: [PixelOutcome] = [
      .certified(radius: 0), .wrong, .certified(radius: 0), .certified(radius: 0), .abstained,
    ]
    let row = PixelTable.Row(name: "a", outcomes: outcomes, predictions: predictions, changed: [0, 1, 12, 13])
    #expect(row.right.count == 3 && row.wrong.count == 1 && row.abstained.count == 1 && row.median == nil)
    #expect(row.certified.map(\.share.count) == [2, 1, 1, 0] && row.certified.map(\.changed) == [0, 1, 12, 13])
    // Of 3 in 5, scipy's binomtest(3, 5).proportion_ci(): 0.14663280, 0.94725505.
    #expect(abs(row.right.low - 0.14663280) < 1e-7 && abs(row.right.high - 0.94725505) < 1e-7)
    #expect(row.right.value == 0.6 && row.right.total == 5)
    #expect(PixelTable.Row(name: "b", outcomes: outcomes, changed: []).abstained.count == 2)
    let table = PixelTable(rows: [row])
    #expect(try JSONDecoder().decode(PixelTable.self, from: JSONEncoder().encode(table)) == table)
  }
}
