import CopurReports
import Testing

struct QuartilesTests {
  @Test(
    "Interpolated between order statistics, as R's and NumPy's default",
    arguments: [
      ([3.0], Quartiles(lower: 3, median: 3, upper: 3)),
      ([2.0, 1], Quartiles(lower: 1.25, median: 1.5, upper: 1.75)),
      ([5.0, 1, 3, 2, 4], Quartiles(lower: 2, median: 3, upper: 4)),
      ([4.0, 1, 3, 2], Quartiles(lower: 1.75, median: 2.5, upper: 3.25)),
    ])
  func byHand(values: [Double], expected: Quartiles) {
    #expect(Quartiles(of: values) == expected)
  }

  @Test("Without values there are none")
  func empty() { #expect(Quartiles(of: []) == nil) }

  @Test("Residuals agent by agent: a missing agent has none, samples without a verdict count for nobody")
  func residuals() {
    let residuals = AgentResiduals.of(agents: ["a", "b"], samples: [[1, nil], nil, [3, nil]])
    #expect(
      residuals == [
        AgentResiduals(agent: "a", quartiles: Quartiles(lower: 1.5, median: 2, upper: 2.5)),
        AgentResiduals(agent: "b", quartiles: nil),
      ])
    #expect(AgentResiduals.of(agents: ["a", "b"], samples: [nil, nil]) == nil)
  }

  @Test("A reconstruction error is the distances' mean and quartiles")
  func reconstruction() {
    #expect(
      ReconstructionError(of: [0, 1, 5])
        == ReconstructionError(mean: 2, quartiles: Quartiles(lower: 0.5, median: 1, upper: 3)))
    #expect(ReconstructionError(of: []) == nil)
  }
}
