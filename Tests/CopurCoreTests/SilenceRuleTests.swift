import CopurCore
import CopurNumerics
import Foundation
import Testing

struct SilenceRuleTests {
  private static let layout = BlockLayout(widths: [2, 4])
  /// Columns without a reading: none, all of the first agent's, three of the second's four, all.
  private static let rows = Matrix([
    [1, 2, 3, 4, 5, 6], [.nan, .nan, 3, 4, 5, 6], [1, .nan, .nan, .nan, .nan, 6],
    [.nan, .nan, .nan, .nan, .nan, .nan],
  ])

  @Test(
    "An agent is missing from the stated share of its columns on",
    arguments: [
      (Float(1), [true, true, false, true, true, true, false, false]),
      (0.75, [true, true, false, true, true, false, false, false]),
      (0.5, [true, true, false, true, false, false, false, false]),
    ] as [(Float, [Bool])])
  func share(_ share: Float, presence: [Bool]) throws {
    let rule = try SilenceRule(share: share)
    #expect(rule.presence(in: Self.rows, layout: Self.layout) == presence)
    // Each agent says the same of its own columns.
    for agent in 0..<2 {
      let own = rule.presence(in: Self.rows.columns(Self.layout[agent]))
      #expect(own == (0..<4).map { presence[$0 * 2 + agent] })
    }
  }

  @Test("Never: nobody is missing, and no value is touched")
  func never() {
    #expect(SilenceRule.never.presence(in: Self.rows, layout: Self.layout).allSatisfy { $0 })
    let same = SilenceRule.never.silencing(Self.rows, layout: Self.layout)
    #expect(same.values.map(\.bitPattern) == Self.rows.values.map(\.bitPattern))
  }

  @Test("Of a missing agent no value is left to learn from")
  func silencing() throws {
    let silenced = try SilenceRule(share: 0.75).silencing(Self.rows, layout: Self.layout)
    #expect(silenced[2, 0] == 1 && silenced[2, 5].isNaN)
    #expect(silenced[0, 5] == 6 && silenced[1, 5] == 6)
  }

  @Test("A share is over 0 and at most 1", arguments: [0, -0.5, 1.01, Float.nan, .infinity])
  func limits(_ share: Float) {
    let error = #expect(throws: CopurError.self) { try SilenceRule(share: share) }
    #expect(error?.code == .invalidArgument && error?.message.contains("over 0 and at most 1") == true)
  }

  @Test("As JSON it is what a scenario says; anything else is refused")
  func coding() throws {
    for (rule, text) in [(SilenceRule.never, "\"never\""), (.all, "1"), (try SilenceRule(share: 0.5), "0.5")] {
      #expect(String(decoding: try JSONEncoder().encode(rule), as: UTF8.self) == text)
      #expect(try JSONDecoder().decode(SilenceRule.self, from: Data(text.utf8)) == rule)
    }
    for text in ["0", "2", "\"always\"", "null"] {
      #expect(throws: (any Error).self) { try JSONDecoder().decode(SilenceRule.self, from: Data(text.utf8)) }
    }
  }
}
