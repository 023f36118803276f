public import CopurNumerics

/// A chain of dense layers.
public struct DenseNetwork: Hashable, Sendable {
  /// The layers, first to last; at least one, each as wide as the next one's input.
  public var layers: [DenseLayer]

  /// - Parameter layers: At least one; each takes as many values as the one before gives.
  public init(layers: [DenseLayer]) {
    precondition(!layers.isEmpty)
    for (layer, next) in zip(layers, layers.dropFirst()) {
      precondition(layer.weights.columns == next.weights.rows)
    }
    self.layers = layers
  }

  /// Layers with random weights.
  ///
  /// - Parameters:
  ///   - widths: Input width, hidden widths, output width.
  ///   - hidden: The activation after each layer but the last, which has none.
  public init(widths: [Int], hidden: Activation, using generator: inout SeededGenerator) {
    precondition(widths.count >= 2)
    self.init(
      layers: (1..<widths.count).map { index in
        DenseLayer(
          inputs: widths[index - 1], outputs: widths[index],
          activation: index == widths.count - 1 ? .identity : hidden, using: &generator)
      })
  }

  /// Layers with random weights, of a size whose bounds an architecture has checked.
  ///
  /// - Throws: ``ArchitectureError`` if a layer is not dense.
  public init(_ architecture: Architecture, using generator: inout SeededGenerator) throws {
    self.init(
      layers: try zip(architecture.layers, architecture.widths).map { element, width in
        guard let dense = element.specification as? DenseSpecification else {
          throw ArchitectureError(
            "a dense network's layers are dense (\"\(element.name)\": \(type(of: element.specification).kind))")
        }
        return DenseLayer(inputs: width, outputs: dense.outputs, activation: dense.activation, using: &generator)
      })
  }

  /// The number of columns of an input.
  public var inputWidth: Int { layers[0].weights.rows }
  /// The number of columns of an output.
  public var outputWidth: Int { layers[layers.count - 1].weights.columns }

  /// The output for a batch, [n, outputWidth].
  public func forward(_ input: Matrix) -> Matrix {
    var value = input
    for layer in layers {
      value = layer.affine(value)
      layer.activation.apply(to: &value)
    }
    return value
  }

  /// The results of a forward pass that ``backward(_:outputGradient:)`` needs.
  public struct Trace: Sendable {
    /// The input of each layer.
    var inputs: [Matrix]
    /// x·W + b of each layer.
    var affines: [Matrix]
    /// The network's output.
    public var output: Matrix
  }

  /// The output for a batch, with what the backward pass needs.
  public func trace(_ input: Matrix) -> Trace {
    var inputs: [Matrix] = []
    var affines: [Matrix] = []
    var value = input
    for layer in layers {
      inputs.append(value)
      value = layer.affine(value)
      affines.append(value)
      layer.activation.apply(to: &value)
    }
    return Trace(inputs: inputs, affines: affines, output: value)
  }

  /// ∂ℓ/∂W and ∂ℓ/∂b of every layer.
  public struct Gradient: Sendable {
    /// ∂ℓ/∂W, one a layer from input to output, of the shape of its weights.
    public var weights: [Matrix]
    /// ∂ℓ/∂b, one a layer, as many values as it has outputs.
    public var biases: [[Float]]
  }

  /// Propagates a gradient back.
  ///
  /// - Parameters:
  ///   - trace: The forward pass.
  ///   - outputGradient: ∂ℓ/∂output, [n, outputWidth].
  /// - Returns: ∂ℓ/∂input, [n, inputWidth], and ∂ℓ/∂parameters summed over the batch.
  public func backward(_ trace: Trace, outputGradient: Matrix) -> (input: Matrix, parameters: Gradient) {
    var gradient = outputGradient
    var parameters = Gradient(weights: [], biases: [])
    for (index, layer) in layers.enumerated().reversed() {
      layer.activation.differentiate(&gradient, at: trace.affines[index])
      parameters.weights.append(Matrix.product(trace.inputs[index], .transposed, gradient))
      parameters.biases.append(gradient.columnSums)
      gradient = Matrix.product(gradient, .plain, layer.weights, .transposed)
    }
    parameters.weights.reverse()
    parameters.biases.reverse()
    return (gradient, parameters)
  }

  /// Moves the parameters one optimiser step.
  public mutating func update(by gradient: Gradient, with optimizer: inout Optimizer) {
    optimizer.beginStep()
    for index in layers.indices {
      optimizer.move(&layers[index].weights.values, along: gradient.weights[index].values)
      optimizer.move(&layers[index].bias, along: gradient.biases[index])
    }
  }
}
