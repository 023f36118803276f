import CopurLearning
import CopurNumerics
import Testing

@Suite("Dropout")
struct DropoutTests {
  @Test("it does nothing but in training, where it keeps the mean, and goes back through what it kept")
  func passes() throws {
    let layer = Dropout(rate: 0.25, width: 50)
    let input = Matrix(rows: 40, columns: 50, repeating: 2)
    #expect(layer.forward(input) == input && layer.trace(input, in: .inference).output == input)
    let (output, memory) = layer.trace(input, in: .training(seed: 1))
    let kept = output.values.count { $0 != 0 }
    // 2000 values, a quarter of them out: five deviations are 97.
    #expect(abs(kept - 1500) < 100)
    #expect(output.values.allSatisfy { $0 == 0 || abs($0 - 2 / 0.75) < 1e-6 })
    #expect(layer.trace(input, in: .training(seed: 1)).output == output)
    #expect(layer.trace(input, in: .training(seed: 2)).output != output)
    let gradient = layer.backward(memory, outputGradient: Matrix(rows: 40, columns: 50, repeating: 3)).input
    #expect(zip(gradient.values, output.values).allSatisfy { abs($0 - $1 * 1.5) < 1e-5 })
  }

  @Test("a rate of 1 or under 0 is an error of the architecture", arguments: [1, -0.1, .nan] as [Float])
  func rates(rate: Float) {
    #expect(throws: ArchitectureError.self) {
      try Architecture(inputWidth: 2, layers: [.init("dropout", DropoutSpecification(rate: rate))])
    }
  }
}
