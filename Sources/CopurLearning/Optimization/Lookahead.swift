/// Slow weights that follow an optimiser's fast ones (Zhang et al. 2019, Algorithm 1): after every k steps they move a
/// share of the way to the fast weights, which then go on from there.
///
/// Running moments of a ``BatchNormalization`` are averages already and stay as they are.
public struct Lookahead: Sendable {
  /// k, how many steps the fast weights take at a time; at least 1.
  public let steps: Int
  /// α, the share of the way that the slow weights go; over 0, at most 1.
  public let rate: Float
  private var slow: [[Float]]
  private var taken = 0

  /// Slow weights that begin at a network's parameters; with the settings of CARSO's table 14.
  ///
  /// - Parameters:
  ///   - network: Before its first step.
  ///   - steps: At least 1.
  ///   - rate: Over 0, at most 1.
  public init(_ network: Network, steps: Int = 6, rate: Float = 0.8) {
    precondition(steps >= 1 && rate > 0 && rate <= 1)
    self.steps = steps
    self.rate = rate
    slow = network.parameters
  }

  /// Counts a step of the optimiser, and after every k-th sets the network to the slow weights.
  ///
  /// - Parameter network: The network whose parameters the optimiser has moved.
  /// - Throws: What a layer throws that cannot be made of the new values.
  public mutating func stepped(_ network: inout Network) throws {
    taken += 1
    guard taken % steps == 0 else { return }
    var next = 0
    for index in network.layers.indices {
      var parameters = network.layers[index].parameters
      let range = network.layers[index] is BatchNormalization ? 0..<2 : 0..<parameters.count
      for place in range {
        move(&slow[next + place], towards: parameters[place])
        parameters[place] = slow[next + place]
      }
      next += parameters.count
      network.layers[index] = try network.architecture.layers[index].specification.layer(
        inputWidth: network.architecture.widths[index], parameters: parameters)
    }
  }

  private func move(_ slow: inout [Float], towards fast: [Float]) {
    slow.withUnsafeMutableBufferPointer { slow in
      fast.withUnsafeBufferPointer { fast in
        for index in 0..<slow.count { slow[index] += rate * (fast[index] - slow[index]) }
      }
    }
  }
}
