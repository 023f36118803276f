internal import CopurNumerics

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

    /// - Parameter capacity: The most rows.
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
      layer.bias.withUnsafeBufferPointer {
        VectorKernels.add($0.baseAddress!, scaledBy: 1, to: affine, count: width)
      }
      VectorKernels.rectify(affine, slope: layer.slope, into: values[index].start + row * width, count: width)
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
          VectorKernels.rectifyGradient(
            gradient, at: affine, slope: layer.slope, into: masked, count: rows * layer.forward.paddedColumns)
          gradient = UnsafePointer(masked)
        }
        let target = index == 0 ? inputGradient.start : values[index - 1].start
        layer.backward.multiply(gradient, stride: layer.forward.paddedColumns, count: rows, into: target)
        gradient = UnsafePointer(target)
      }
      return inputGradient.start
    }
  }
}
