public import CopurNumerics

/// A chain of layers, each with a name.
///
/// ``DenseNetwork`` is the fast path for chains of dense layers; this one carries any layers, and gives the same bits where
/// all of them are dense.
public struct Network: Hashable, Sendable {
  /// The network without its parameters.
  public let architecture: Architecture
  /// The layers, first to last.
  public internal(set) var layers: [any Layer]

  /// A network with parameters to start a training from.
  ///
  /// - Throws: What a layer throws that cannot be made.
  public init(_ architecture: Architecture, using generator: inout SeededGenerator) throws {
    self.architecture = architecture
    layers = []
    for (element, width) in zip(architecture.layers, architecture.widths) {
      let parameters = try element.specification.initialParameters(inputWidth: width, using: &generator)
      layers.append(try element.specification.layer(inputWidth: width, parameters: parameters))
    }
  }

  /// A network with given parameters.
  ///
  /// - Parameters:
  ///   - architecture: The layers' kinds and settings.
  ///   - values: Gives the values of a parameter by its name, such as `0.weight`, and its shape, in the order of
  ///     ``namedParameters``.
  /// - Throws: ``ArchitectureError`` if there are more or fewer values than the shape says, and what `values` throws.
  public init(_ architecture: Architecture, parameters values: (String, [Int]) throws -> [Float]) throws {
    self.architecture = architecture
    layers = []
    for (index, element) in architecture.layers.enumerated() {
      let parameters = try architecture.parameters[index].map { shape in
        let name = "\(element.name).\(shape.name)"
        let parameter = try values(name, shape.shape)
        guard parameter.count == shape.count else {
          throw ArchitectureError("\"\(name)\" has \(shape.count) values (actual: \(parameter.count))")
        }
        return parameter
      }
      layers.append(
        try element.specification.layer(inputWidth: architecture.widths[index], parameters: parameters))
    }
  }

  /// The same function as a chain of dense layers, named 0, 1, ….
  ///
  /// - Precondition: It is within the bounds of an architecture, as one made by
  ///   ``DenseNetwork/init(_:using:)`` is.
  public init(_ dense: DenseNetwork) {
    do {
      architecture = try Architecture(
        inputWidth: dense.inputWidth,
        layers: dense.layers.enumerated().map { .init("\($0.offset)", $0.element.specification) })
    } catch {
      preconditionFailure("\(error)")
    }
    layers = dense.layers
  }

  /// The layers as the fast path takes them; nil if not all of them are dense.
  public var dense: DenseNetwork? {
    let dense = layers.compactMap { $0 as? DenseLayer }
    return dense.count == layers.count ? DenseNetwork(layers: dense) : nil
  }

  /// The number of columns of an input.
  public var inputWidth: Int { architecture.inputWidth }
  /// The number of columns of an output.
  public var outputWidth: Int { architecture.outputWidth }

  // MARK: Parameters

  /// The number of values of all parameters.
  public var parameterCount: Int { architecture.parameterCount }

  /// The values of all parameters, layer by layer.
  public var parameters: [[Float]] { layers.flatMap(\.parameters) }

  /// All parameters by name, such as `0.weight`, as files keep them.
  public var namedParameters: [(name: String, tensor: Safetensors.Tensor)] {
    zip(zip(architecture.layers, architecture.parameters), layers).flatMap { entry, layer in
      zip(entry.1, layer.parameters).map { shape, values in
        ("\(entry.0.name).\(shape.name)", Safetensors.Tensor(shape: shape.shape, values: values))
      }
    }
  }

  /// Moves the parameters one optimiser step.
  ///
  /// - Parameter gradient: ∂ℓ/∂parameters, of the shape of ``parameters``.
  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    optimizer.beginStep()
    move(along: gradient, with: &optimizer)
  }

  /// Moves the parameters as a part of an optimiser's step that has begun.
  mutating func move(along gradient: [[Float]], with optimizer: inout Optimizer) {
    var next = 0
    for index in layers.indices {
      let count = architecture.parameters[index].count
      layers[index].update(by: Array(gradient[next..<next + count]), with: &optimizer)
      next += count
    }
  }

  // MARK: Passes

  /// The output for a batch, [n, outputWidth]; each row bit-equal to what it is alone.
  public func infer(_ input: Matrix) -> Matrix { layers.reduce(input) { $1.forward($0) } }

  /// The results of a forward pass that ``backward(_:outputGradient:adding:)`` needs.
  public struct Trace: Sendable {
    /// The memory of each layer.
    var memories: [any Sendable]
    /// The network's output.
    public internal(set) var output: Matrix
    /// The output of every layer, first to last.
    public internal(set) var outputs: [Matrix]
  }

  /// The output for a batch, with what the way back needs.
  public func trace(_ input: Matrix, in pass: Pass = .inference) -> Trace {
    var trace = Trace(memories: [], output: input, outputs: [])
    for (index, layer) in layers.enumerated() { layer.extend(&trace, in: pass.of(layer: index)) }
    return trace
  }

  /// Propagates a gradient back.
  ///
  /// - Parameters:
  ///   - trace: The forward pass.
  ///   - outputGradient: ∂ℓ/∂output, [n, outputWidth].
  ///   - further: ∂ℓ/∂(output of a layer) that does not come by way of later layers, by the layer's number as in
  ///     ``Trace/outputs``: for losses that use what is inside the network.
  /// - Returns: ∂ℓ/∂input, [n, inputWidth], and ∂ℓ/∂parameters summed over the batch, of the shape of ``parameters``.
  public func backward(
    _ trace: Trace, outputGradient: Matrix, adding further: [Int: Matrix] = [:]
  ) -> (input: Matrix, parameters: [[Float]]) {
    var gradient = outputGradient
    var parameters: [[[Float]]] = []
    for (index, layer) in layers.enumerated().reversed() {
      if let more = further[index] { gradient.add(more) }
      let back = layer.backward(anyMemory: trace.memories[index], outputGradient: gradient)
      gradient = back.input
      parameters.append(back.parameters)
    }
    return (gradient, parameters.reversed().flatMap { $0 })
  }

  /// ∂ℓ/∂parameters alone, of the shape of ``parameters``, without the way from the first layer back to the input.
  public func parameterGradient(_ trace: Trace, outputGradient: Matrix) -> [[Float]] {
    var gradient = outputGradient
    var parameters: [[[Float]]] = []
    for (index, layer) in layers.enumerated().reversed() {
      let memory = trace.memories[index]
      if index == 0 {
        parameters.append(layer.parameterGradient(anyMemory: memory, outputGradient: gradient))
      } else if index == 1, let layer = layer as? ConvolutionLayer {
        // Before the first layer nothing tells samples apart where its input is equal in all of them.
        let summed = (layers[0] as? ConvolutionLayer)?.equalOutputs(anyMemory: trace.memories[0])
        let back = layer.backward(anyMemory: memory, outputGradient: gradient, summed: summed)
        gradient = back.input
        parameters.append(back.parameters)
      } else {
        let back = layer.backward(anyMemory: memory, outputGradient: gradient)
        gradient = back.input
        parameters.append(back.parameters)
      }
    }
    return parameters.reversed().flatMap { $0 }
  }

  /// ∂ℓ/∂input alone, [n, inputWidth].
  ///
  /// - Parameter further: As of ``backward(_:outputGradient:adding:)``.
  public func pullback(_ trace: Trace, outputGradient: Matrix, adding further: [Int: Matrix] = [:]) -> Matrix {
    var gradient = outputGradient
    for (index, layer) in layers.enumerated().reversed() {
      if let more = further[index] { gradient.add(more) }
      gradient = layer.pullback(anyMemory: trace.memories[index], outputGradient: gradient)
    }
    return gradient
  }

  // MARK: Flows

  /// Whether every layer is a bijection with a known log-determinant, as those of a normalising flow are.
  public var isFlow: Bool { layers.allSatisfy { $0 is any InvertibleLayer } }

  /// The input that gives an output, [n, inputWidth].
  ///
  /// - Precondition: The network ``isFlow``.
  public func inverse(_ output: Matrix) -> Matrix {
    layers.reversed().reduce(output) { $1.asFlow.inverse($0) }
  }

  /// log |det ∂output/∂input| of each row, n values.
  ///
  /// - Precondition: The network ``isFlow``.
  public func logDeterminants(_ trace: Trace) -> [Float] {
    var sums = [Float](repeating: 0, count: trace.output.rows)
    for (layer, memory) in zip(layers, trace.memories) {
      let parts = layer.asFlow.logDeterminants(anyMemory: memory)
      for row in sums.indices { sums[row] += parts[row] }
    }
    return sums
  }

  /// Propagates the gradients by the output and by the log-determinants back.
  ///
  /// - Parameters:
  ///   - trace: The forward pass.
  ///   - outputGradient: ∂ℓ/∂output, [n, outputWidth].
  ///   - logDeterminantGradient: ∂ℓ/∂(log-determinant of each row), n values.
  /// - Returns: As ``backward(_:outputGradient:adding:)``.
  /// - Precondition: The network ``isFlow``.
  public func backward(
    _ trace: Trace, outputGradient: Matrix, logDeterminantGradient: [Float]
  ) -> (input: Matrix, parameters: [[Float]]) {
    var gradient = outputGradient
    var parameters: [[[Float]]] = []
    for (layer, memory) in zip(layers, trace.memories).reversed() {
      let back = layer.asFlow.backward(
        anyMemory: memory, outputGradient: gradient, logDeterminantGradient: logDeterminantGradient)
      gradient = back.input
      parameters.append(back.parameters)
    }
    return (gradient, parameters.reversed().flatMap { $0 })
  }

  public static func == (left: Network, right: Network) -> Bool {
    left.architecture == right.architecture && left.parameters == right.parameters
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(architecture)
    hasher.combine(parameters)
  }
}
