public import CopurNumerics

extension PackedNetwork {
  /// The working memory of one thread's evaluations.
  public final class Workspace {
    let network: PackedNetwork
    /// The most rows it has room for.
    public let capacity: Int
    /// x·W + b of each layer.
    private let affines: [AlignedFloats]
    /// The activations of each layer; gradients on the way back.
    private let values: [AlignedFloats]
    private let inputGradient: AlignedFloats

    /// - Parameter capacity: The most rows; a sample with its derivatives takes 1 + inputWidth.
    public init(_ network: PackedNetwork, capacity: Int) {
      self.network = network
      self.capacity = capacity
      affines = network.layers.map { AlignedFloats(count: capacity * $0.forward.paddedColumns) }
      values = network.layers.map { AlignedFloats(count: capacity * $0.forward.paddedColumns) }
      inputGradient = AlignedFloats(count: capacity * network.inputStride)
    }

    /// The outputs, `outputStride` floats a row, valid until the next call.
    public var output: UnsafeMutablePointer<Float> { values[values.count - 1].start }

    /// Evaluates the network.
    ///
    /// - Parameters:
    ///   - input: [rows, inputWidth], each row `stride` floats after the one before.
    ///   - rows: At most the capacity.
    /// - Returns: ``output``.
    @discardableResult
    public func forward(_ input: UnsafePointer<Float>, stride: Int, rows: Int) -> UnsafeMutablePointer<Float> {
      precondition(rows <= capacity)
      var (left, leftStride) = (input, stride)
      for (index, layer) in network.layers.enumerated() {
        let width = layer.forward.paddedColumns
        layer.forward.multiply(left, stride: leftStride, count: rows, into: affines[index].start)
        for row in 0..<rows { activate(layer, index, row: row) }
        (left, leftStride) = (UnsafePointer(values[index].start), width)
      }
      return output
    }

    private func activate(_ layer: Layer, _ index: Int, row: Int) {
      let width = layer.forward.paddedColumns
      let affine = affines[index].start + row * width
      let value = values[index].start + row * width
      let slope = layer.slope
      layer.bias.withUnsafeBufferPointer { bias in
        for column in 0..<width {
          let sum = affine[column] + bias[column]
          affine[column] = sum
          value[column] = sum > 0 ? sum : slope * sum
        }
      }
    }

    /// Propagates gradients back through the last ``forward(_:stride:rows:)``.
    ///
    /// - Parameter outputGradient: ∂ℓ/∂output, `outputStride` floats a row; its padding is 0.
    /// - Returns: ∂ℓ/∂input, `inputStride` floats a row, valid until the next call.
    public func backward(_ outputGradient: UnsafePointer<Float>, rows: Int) -> UnsafeMutablePointer<Float> {
      var gradient = outputGradient
      for (index, layer) in network.layers.enumerated().reversed() {
        if layer.slope != 1 {
          let (affine, masked) = (affines[index].start, values[index].start)
          let slope = layer.slope
          for position in 0..<rows * layer.forward.paddedColumns {
            masked[position] = affine[position] > 0 ? gradient[position] : slope * gradient[position]
          }
          gradient = UnsafePointer(masked)
        }
        let target = index == 0 ? inputGradient.start : values[index - 1].start
        layer.backward.multiply(gradient, stride: layer.forward.paddedColumns, count: rows, into: target)
        gradient = UnsafePointer(target)
      }
      return inputGradient.start
    }

    /// Evaluates one sample and its derivatives.
    ///
    /// - Parameter input: inputWidth values.
    /// - Returns: ``output``, whose row 0 is the value and whose row 1 + k is ∂output/∂input_k.
    @discardableResult
    public func forwardWithJacobian(_ input: UnsafePointer<Float>) -> UnsafeMutablePointer<Float> {
      let rows = 1 + network.inputWidth
      precondition(rows <= capacity)
      for (index, layer) in network.layers.enumerated() {
        let width = layer.forward.paddedColumns
        if index == 0 {
          layer.forward.multiply(input, stride: network.inputWidth, count: 1, into: affines[0].start)
          // The first layer's tangents are the rows of W.
          network.unitTangents.withUnsafeBufferPointer { unit in
            layer.forward.multiply(
              unit.baseAddress!, stride: network.inputWidth, count: rows - 1, into: affines[0].start + width)
          }
        } else {
          layer.forward.multiply(
            values[index - 1].start, stride: network.layers[index - 1].forward.paddedColumns, count: rows,
            into: affines[index].start)
        }
        activate(layer, index, row: 0)
        let (affine, value, slope) = (affines[index].start, values[index].start, layer.slope)
        for row in 1..<rows {
          for column in 0..<width {
            let tangent = affine[row * width + column]
            value[row * width + column] = affine[column] > 0 ? tangent : slope * tangent
          }
        }
      }
      return output
    }
  }
}
