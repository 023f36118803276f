import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// RAdam against Algorithm 2 of Liu et al. 2020 written out for one number in double precision.
@Suite("RAdam")
struct RectifiedAdamTests {
  private func slope(_ step: Int) -> Double { 3 * cos(Double(step)) + 0.5 }

  private func recurrence(steps: Int, rate: Double, decays: (Double, Double), epsilon: Double) -> [Double] {
    var (value, mean, square) = (1.0, 0.0, 0.0)
    let longest = 2 / (1 - decays.1) - 1
    return (1...steps).map { step in
      let slope = slope(step)
      mean = decays.0 * mean + (1 - decays.0) * slope
      square = decays.1 * square + (1 - decays.1) * slope * slope
      let corrected = mean / (1 - pow(decays.0, Double(step)))
      let decayed = pow(decays.1, Double(step))
      let length = longest - 2 * Double(step) * decayed / (1 - decayed)
      if length > 5 {
        let root = sqrt(square / (1 - decayed)) + epsilon
        let factor = sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        value -= rate * factor * corrected / root
      } else {
        value -= rate * corrected
      }
      return value
    }
  }

  @Test("steps are those of the recurrence, with the paper's decays and with others", arguments: [0.999, 0.99, 0.5])
  func steps(secondDecay: Double) {
    let expected = recurrence(steps: 40, rate: 0.01, decays: (0.9, secondDecay), epsilon: 1e-8)
    var optimizer = Optimizer(.radam(secondDecay: Float(secondDecay)), learningRate: 0.01)
    var parameters: [Float] = [1]
    for step in 1...40 {
      optimizer.beginStep()
      optimizer.move(&parameters, along: [Float(slope(step))])
      #expect(abs(Double(parameters[0]) - expected[step - 1]) < 2e-5, "step \(step)")
    }
  }

  @Test("division by the second moment begins with step 6")
  func rectification() {
    // Alike gradients: before, a step is the rate times the gradient; from then on its size does not matter.
    func moves(_ slope: Float) -> [Float] {
      var optimizer = Optimizer(.radam(), learningRate: 0.01)
      var parameters: [Float] = [0]
      return (1...8).map { _ in
        let before = parameters[0]
        optimizer.beginStep()
        optimizer.move(&parameters, along: [slope])
        return before - parameters[0]
      }
    }
    let (small, large) = (moves(0.1), moves(10))
    for step in 0..<5 { #expect(abs(small[step] - 0.001) < 1e-6 && abs(large[step] - 0.1) < 1e-5, "step \(step + 1)") }
    for step in 5..<8 { #expect(abs(small[step] - large[step]) < 1e-6, "step \(step + 1)") }
    #expect(small[5] > 0 && small[5] < 0.01 && small[6] > small[5])
  }

  @Test("it goes on after coding as before")
  func coding() throws {
    var optimizer = Optimizer(.radam(firstDecay: 0.8), learningRate: 0.05)
    var parameters: [Float] = [1, -2]
    for step in 0..<7 {
      optimizer.beginStep()
      optimizer.move(&parameters, along: [Float(step), 1])
    }
    var other = try JSONDecoder().decode(Optimizer.self, from: JSONEncoder().encode(optimizer))
    #expect(other.method == .radam(firstDecay: 0.8))
    var others = parameters
    for _ in 0..<3 {
      optimizer.beginStep()
      optimizer.move(&parameters, along: [0.3, 4])
      other.beginStep()
      other.move(&others, along: [0.3, 4])
    }
    #expect(parameters == others)
  }
}
