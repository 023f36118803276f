internal import CopurNumerics

extension Pass {
  /// The same pass for one of several layers, with random numbers of its own.
  func of(layer: Int) -> Pass {
    guard case .training(let seed) = self else { return self }
    var generator = SeededGenerator(seed: seed, purpose: "layer \(layer)")
    return .training(seed: generator.next())
  }
}

/// A network holds layers of any type, and what they kept; here the two meet again.
extension Layer {
  func extend(_ trace: inout Network.Trace, in pass: Pass) {
    let (output, memory) = self.trace(trace.output, in: pass)
    trace.memories.append(memory)
    trace.output = output
    trace.outputs.append(output)
  }

  func own(_ memory: any Sendable) -> Memory {
    guard let memory = memory as? Memory else { preconditionFailure("a trace belongs to the network that made it") }
    return memory
  }

  func backward(
    anyMemory memory: any Sendable, outputGradient: Matrix
  ) -> (input: Matrix, parameters: [[Float]]) {
    backward(own(memory), outputGradient: outputGradient)
  }

  func pullback(anyMemory memory: any Sendable, outputGradient: Matrix) -> Matrix {
    pullback(own(memory), outputGradient: outputGradient)
  }

  func parameterGradient(anyMemory memory: any Sendable, outputGradient: Matrix) -> [[Float]] {
    parameterGradient(own(memory), outputGradient: outputGradient)
  }

  var asFlow: any InvertibleLayer {
    guard let flow = self as? any InvertibleLayer else {
      preconditionFailure("a flow's layers are invertible (actual: \(type(of: specification).kind))")
    }
    return flow
  }
}

extension InvertibleLayer {
  func logDeterminants(anyMemory memory: any Sendable) -> [Float] { logDeterminants(own(memory)) }

  func backward(
    anyMemory memory: any Sendable, outputGradient: Matrix, logDeterminantGradient: [Float]
  ) -> (input: Matrix, parameters: [[Float]]) {
    backward(own(memory), outputGradient: outputGradient, logDeterminantGradient: logDeterminantGradient)
  }
}

extension ConvolutionLayer {
  func equalOutputs(anyMemory memory: any Sendable) -> Convolution.EqualPlaces? {
    equalOutputs(own(memory))
  }

  func backward(
    anyMemory memory: any Sendable, outputGradient: Matrix, summed: Convolution.EqualPlaces?
  ) -> (input: Matrix, parameters: [[Float]]) {
    backward(own(memory), outputGradient: outputGradient, summed: summed)
  }
}
