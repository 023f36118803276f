import CopurLearning
import CopurNumerics
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
