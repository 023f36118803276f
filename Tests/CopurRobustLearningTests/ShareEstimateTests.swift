import CopurRobustLearning
import Testing

@Suite struct ShareEstimateTests {
  @Test("Scores without a spread have the least share")
  func withoutSpread() {
    #expect(ShareEstimate.of([Float](repeating: 1, count: 100)) == ShareEstimate.bounds.lowerBound)
    #expect(ShareEstimate.of([]) == ShareEstimate.bounds.lowerBound)
  }
}
