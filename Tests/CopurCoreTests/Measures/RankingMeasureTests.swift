import CopurCore
import Testing

@Suite("The area under the curve")
struct RankingMeasureTests {
  @Test("is the share of pairs in order, ties counting half")
  func area() {
    #expect(RankingMeasure.area([1, 2, 3, 4], isPositive: [false, false, true, true]) == 1)
    #expect(RankingMeasure.area([4, 3, 2, 1], isPositive: [false, false, true, true]) == 0)
    #expect(RankingMeasure.area([1, 1, 1, 1], isPositive: [false, true, false, true]) == 0.5)
    // Pairs: (2, 1) and (2, 2) for the first positive, (3, 1) and (3, 2) for the second.
    #expect(RankingMeasure.area([1, 2, 2, 3], isPositive: [false, false, true, true]) == 3.5 / 4)
    #expect(RankingMeasure.area([1, 2], isPositive: [true, true]) == nil)
  }
}
