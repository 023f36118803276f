public import CopurLearning
package import CopurNumerics

/// Randomized ablation of pixels (Levine and Feizi 2020): a base classifier sees k of d pixels of a picture, the others NULL,
/// and the class that it gives most often over random sets of kept pixels wins (Eq. 1, 2).
///
/// A picture is a row of numbers from 0 to 1 of an ``ImageShape``. A pixel is a place of it, with all its channels.
public struct AblatedPixels: Sendable {
  /// A picture's extents.
  public let shape: ImageShape
  /// The number of classes.
  public let classes: Int
  /// k, how many pixels are kept.
  public let keep: Int
  /// The numbers of a pixel and of NULL.
  public let encoding: NullEncoding
  /// The base classifier, from the encoded picture to a logit a class.
  public var network: Network

  /// - Precondition: k is from 1 to the number of pixels, the network fits the encoded picture and the classes, and a mean has
  ///   a value a channel.
  public init(shape: ImageShape, classes: Int, keep: Int, encoding: NullEncoding, network: Network) {
    precondition((1...shape.pixelCount).contains(keep))
    if case .mean(let means) = encoding { precondition(means.count == shape.channels) }
    precondition(network.inputWidth == shape.pixelCount * encoding.encodedChannels(shape.channels))
    precondition(network.outputWidth == classes)
    self.shape = shape
    self.classes = classes
    self.keep = keep
    self.encoding = encoding
    self.network = network
  }

  /// The base classifier of the paper's table 9 for pictures of any extents: convolutions of 4 × 4 with stride 2 and padding
  /// 1, then dense layers, all with ReLU but the last. The numbers of channels are those of the reference code (64 and 128),
  /// since the table's "× 1" cannot be.
  ///
  /// - Parameters:
  ///   - shape: Of the encoded picture.
  ///   - channels: The channels of each convolution.
  ///   - hidden: The width of each hidden dense layer.
  /// - Throws: `ArchitectureError` if the picture is too small for the convolutions, or the network too large.
  public static func baseNetwork(
    _ shape: ImageShape, classes: Int, channels: [Int] = [64, 128], hidden: [Int] = [500, 100]
  ) throws -> Architecture {
    var layers: [Architecture.Element] = []
    var current = shape
    for (index, count) in channels.enumerated() {
      guard current.rows >= 2, current.columns >= 2 else {
        throw ArchitectureError(
          "a convolution of 4 × 4 with stride 2 and padding 1 takes pictures of 2 × 2 pixels and up (actual: \(current))"
        )
      }
      let convolution = ConvolutionSpecification(
        current, channels: count, kernel: 4, stride: 2, padding: 1, activation: .relu)
      layers.append(.init("convolution-\(index)", convolution))
      current = convolution.output
    }
    for (index, width) in hidden.enumerated() {
      layers.append(.init("hidden-\(index)", DenseSpecification(outputs: width, activation: .relu)))
    }
    layers.append(.init("logits", DenseSpecification(outputs: classes)))
    return try Architecture(inputWidth: shape.count, layers: layers)
  }

  // MARK: Encoding

  /// Pictures with one set of kept pixels, as the base classifier takes them.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - rows: The rows to take, in that order.
  ///   - mask: The kept pixels, without repetition.
  /// - Returns: [rows, network.inputWidth].
  package func encode(_ pictures: Matrix, rows: some Collection<Int>, mask: [Int32]) -> Matrix {
    precondition(pictures.columns == shape.count)
    return encoded(rows.count) { write in
      mask.withUnsafeBufferPointer { mask in
        for (row, number) in rows.enumerated() { write(pictures, number, mask, row) }
      }
    }
  }

  /// One picture with a set of kept pixels a row, as the base classifier takes them.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - row: The picture.
  ///   - masks: The sets, one after the other, k pixels each, without repetition.
  /// - Returns: [sets, network.inputWidth].
  package func encode(_ pictures: Matrix, row: Int, masks: [Int32]) -> Matrix {
    precondition(pictures.columns == shape.count && masks.count.isMultiple(of: keep))
    return encoded(masks.count / keep) { write in
      masks.withUnsafeBufferPointer { masks in
        for index in 0..<masks.count / keep {
          write(pictures, row, UnsafeBufferPointer(rebasing: masks[index * keep..<(index + 1) * keep]), index)
        }
      }
    }
  }

  /// Writes kept pixels: takes pictures, a row of them, the kept pixels, and the row to write.
  private typealias Writer = (Matrix, Int, UnsafeBufferPointer<Int32>, Int) -> Void

  private func encoded(_ rows: Int, _ body: (Writer) -> Void) -> Matrix {
    let (channels, width) = (shape.channels, shape.count)
    let encodedWidth = network.inputWidth
    return Matrix(rows: rows, columns: encodedWidth) { output in
      switch encoding {
      case .twoChannel:
        // The matrix is 0 to begin with, which is NULL.
        body { pictures, row, mask, target in
          pictures.values.withUnsafeBufferPointer { pictures in
            for pixel in mask {
              let from = row * width + Int(pixel) * channels
              let to = target * encodedWidth + Int(pixel) * 2 * channels
              for channel in 0..<channels {
                let value = pictures[from + channel]
                output[to + channel] = value
                output[to + channels + channel] = 1 - value
              }
            }
          }
        }
      case .mean(let means):
        means.withUnsafeBufferPointer { means in
          for pixel in 0..<rows * shape.pixelCount {
            for channel in 0..<channels { output[pixel * channels + channel] = means[channel] }
          }
        }
        body { pictures, row, mask, target in
          pictures.values.withUnsafeBufferPointer { pictures in
            for pixel in mask {
              let place = Int(pixel) * channels
              for channel in 0..<channels {
                output[target * width + place + channel] = pictures[row * width + place + channel]
              }
            }
          }
        }
      }
    }
  }
}
