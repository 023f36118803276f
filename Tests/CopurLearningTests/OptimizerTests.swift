import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Optimizer")
struct OptimizerTests {
  @Test("one step of each method is the formula's")
  func firstSteps() {
    var parameters: [Float] = [1, -1]
    var sgd = Optimizer(.sgd, learningRate: 0.1)
    sgd.beginStep()
    sgd.move(&parameters, along: [2, -4])
    #expect(abs(parameters[0] - 0.8) < 1e-6 && abs(parameters[1] + 0.6) < 1e-6)

    parameters = [1]
    var momentum = Optimizer(.momentum(decay: 0.9), learningRate: 0.1)
    for _ in 0..<2 {
      momentum.beginStep()
      momentum.move(&parameters, along: [1])
    }
    // Velocities 1 and 1.9.
    #expect(abs(parameters[0] - (1 - 0.1 - 0.19)) < 1e-6)

    parameters = [1, 1]
    var adam = Optimizer(.adam(), learningRate: 0.01)
    adam.beginStep()
    adam.move(&parameters, along: [5, -0.001])
    // The first step is the learning rate in the direction of the sign, whatever the gradient's size.
    #expect(abs(parameters[0] - 0.99) < 1e-5 && abs(parameters[1] - 1.01) < 1e-5)
  }

  @Test("in a cycle steps grow over its first fifth and then fall to nothing, also from where it was kept")
  func cycle() throws {
    var optimizer = Optimizer(.sgd, learningRate: 1)
    optimizer.cycle = 100
    var (steps, parameters) = ([Float](), [Float(0)])
    for step in 0..<110 {
      if step == 50 {
        optimizer = try JSONDecoder().decode(Optimizer.self, from: JSONEncoder().encode(optimizer))
      }
      let before = parameters[0]
      optimizer.beginStep()
      optimizer.move(&parameters, along: [-1])
      steps.append(parameters[0] - before)
    }
    #expect(abs(steps[0] - 0.04) < 1e-4 && abs(steps[10] - 0.52) < 1e-3 && abs(steps[20] - 1) < 1e-3)
    #expect(abs(steps[60] - 0.5) < 1e-3 && steps[99] < 2e-3 && steps[100...].allSatisfy { abs($0) < 1e-5 })
  }

  @Test(
    "each method finds the minimum of a quadratic",
    arguments: [
      (Optimizer.Method.sgd, Float(0.05)), (.momentum(decay: 0.9), 0.01), (.adam(), 0.05), (.radam(), 0.05),
    ])
  func convergence(method: Optimizer.Method, rate: Float) {
    var optimizer = Optimizer(method, learningRate: rate)
    var x: [Float] = [4, -3]
    for _ in 0..<2000 {
      optimizer.beginStep()
      optimizer.move(&x, along: [2 * (x[0] - 1), 6 * (x[1] - 2)])
    }
    #expect(abs(x[0] - 1) < 1e-2 && abs(x[1] - 2) < 1e-2, "\(x)")
  }
}
