internal import CopurNumerics

extension Network {
  /// The network whose output is this one's times a factor.
  ///
  /// - Precondition: Its last layer is dense and has no activation.
  public func scalingOutput(by factor: Float) -> Network {
    guard let last = layers.last as? DenseLayer else {
      preconditionFailure("a network whose output is scaled ends in a dense layer")
    }
    var network = self
    network.layers[layers.count - 1] = DenseNetwork(layers: [last]).scalingOutput(by: factor).layers[0]
    return network
  }
}

extension DenseNetwork {
  /// The network whose output is this one's times a factor.
  ///
  /// - Precondition: Its last layer has no activation.
  public func scalingOutput(by factor: Float) -> DenseNetwork {
    var network = self
    let last = layers.count - 1
    precondition(layers[last].activation == .identity)
    for index in layers[last].weights.values.indices { network.layers[last].weights.values[index] *= factor }
    for index in layers[last].bias.indices { network.layers[last].bias[index] *= factor }
    return network
  }

  /// The network that does with an input what this one does with the input whose given columns are multiplied by a factor.
  public func scalingInput(_ columns: Range<Int>, by factor: Float) -> DenseNetwork {
    var network = self
    for row in columns {
      for column in 0..<layers[0].weights.columns { network.layers[0].weights[row, column] *= factor }
    }
    return network
  }
}
