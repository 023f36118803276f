public import CopurNumerics

/// The largest value, or the mean, of each channel in windows of an image; windows that reach beyond an edge are left out.
public struct Pooling: Layer {
  /// The ways in which a window becomes one value.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Its largest value; of equal ones the first.
    case maximum
    /// Its mean.
    case mean
  }

  /// For each output the input that gave it; nil for means.
  public struct Memory: Sendable {
    let sources: [Int32]?
  }

  /// The settings.
  private let settings: PoolingSpecification

  fileprivate init(_ settings: PoolingSpecification) { self.settings = settings }

  public var specification: any LayerSpecification { settings }
  public var inputWidth: Int { settings.input.count }
  public var outputWidth: Int { settings.output.count }
  public var parameters: [[Float]] { [] }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    var sources = settings.pooling == .maximum ? [Int32](repeating: 0, count: input.rows * outputWidth) : nil
    let share = 1 / Float(settings.size * settings.size)
    let output = Matrix(rows: input.rows, columns: outputWidth) { output in
      input.values.withUnsafeBufferPointer { input in
        forEachWindow(rows: input.count / inputWidth) { result, row, corner in
          let start = row * inputWidth
          var value: Float = sources == nil ? 0 : -.infinity
          var source = corner
          forEachPlace(from: corner) { place in
            if sources == nil {
              value += input[start + place]
            } else if input[start + place] > value || place == corner {
              (value, source) = (input[start + place], place)
            }
          }
          output[result] = sources == nil ? value * share : value
          sources?[result] = Int32(source)
        }
      }
    }
    return (output, Memory(sources: sources))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    let share = 1 / Float(settings.size * settings.size)
    let input = Matrix(rows: outputGradient.rows, columns: inputWidth) { input in
      outputGradient.values.withUnsafeBufferPointer { slopes in
        forEachWindow(rows: outputGradient.rows) { result, row, corner in
          let start = row * inputWidth
          if let sources = memory.sources {
            input[start + Int(sources[result])] += slopes[result]
          } else {
            forEachPlace(from: corner) { input[start + $0] += share * slopes[result] }
          }
        }
      }
    }
    return (input, [])
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {}

  /// - Parameter body: Takes a place of the output among all rows, its row, and the first input of its window in that row.
  private func forEachWindow(rows: Int, _ body: (Int, Int, Int) -> Void) {
    let (output, input) = (settings.output, settings.input)
    var result = 0
    for row in 0..<rows {
      for down in 0..<output.rows {
        for across in 0..<output.columns {
          let corner = (down * settings.stride * input.columns + across * settings.stride) * input.channels
          for channel in 0..<input.channels {
            body(result, row, corner + channel)
            result += 1
          }
        }
      }
    }
  }

  private func forEachPlace(from corner: Int, _ body: (Int) -> Void) {
    let input = settings.input
    for down in 0..<settings.size {
      for across in 0..<settings.size { body(corner + (down * input.columns + across) * input.channels) }
    }
  }
}

/// A ``Pooling`` of images.
public struct PoolingSpecification: LayerSpecification {
  public static let kind = "pooling"
  /// The images that go in.
  public var input: ImageShape
  /// The way in which a window becomes one value.
  public var pooling: Pooling.Kind
  /// The rows, and columns, of a window.
  public var size: Int
  /// The step of windows from place to place.
  public var stride: Int

  /// - Parameters:
  ///   - size: From 1.
  ///   - stride: From 1; nil for the size.
  public init(_ input: ImageShape, _ pooling: Pooling.Kind, size: Int, stride: Int? = nil) {
    self.input = input
    self.pooling = pooling
    self.size = size
    self.stride = stride ?? size
  }

  /// The images that come out; of no use before ``outputWidth(inputWidth:)`` has accepted the settings.
  public var output: ImageShape {
    func places(_ extent: Int) -> Int { stride < 1 ? 0 : (extent - size) / stride + 1 }
    return ImageShape(rows: places(input.rows), columns: places(input.columns), channels: input.channels)
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    try input.check(width: inputWidth)
    guard size >= 1, stride >= 1, size <= min(input.rows, input.columns) else {
      throw ArchitectureError(
        "a pooling's window is no larger than the image, its stride at least 1 (actual: \(size), \(stride), image "
          + "\(input))")
    }
    return output.count
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] { [] }
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] { [] }
  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer { Pooling(self) }
}
