internal import CCopurKernels

/// The geometry of a convolution between a larger image and a smaller one, and its three products.
///
/// Images are rows of a matrix, channels last: element (r, c, k) is at (r · columns + c) · channels + k. Weights are
/// [kernel, kernel, channels, filters], row-major, and the value of filter f at place (i, j) of the smaller side is
/// Σ image(i · stride − padding + u, j · stride − padding + v, k) · weights(u, v, k, f); beyond an edge the image is 0.
///
/// Work is divided over the cores. Each element is one sum in an order that depends on the geometry alone, so that a row has
/// the same bits in any batch and on any number of cores.
public struct Convolution: Hashable, Sendable {
  /// The rows of the larger image.
  public let rows: Int
  /// The columns of the larger image.
  public let columns: Int
  /// The channels of the larger image.
  public let channels: Int
  /// The rows, and columns, of a filter.
  public let kernel: Int
  /// The step of filters from place to place.
  public let stride: Int
  /// The reach of filters beyond each edge.
  public let padding: Int
  /// The rows of the smaller side.
  public let placesDown: Int
  /// The columns of the smaller side.
  public let placesAcross: Int
  /// The channels of the smaller side.
  public let filters: Int

  /// - Precondition: All are at least 1, but the padding, which is at least 0 and less than the kernel; the last filter
  ///   begins before the image's end, padding included.
  public init(
    rows: Int, columns: Int, channels: Int, kernel: Int, stride: Int, padding: Int, placesDown: Int, placesAcross: Int,
    filters: Int
  ) {
    precondition(rows >= 1 && columns >= 1 && channels >= 1 && kernel >= 1 && stride >= 1 && filters >= 1)
    precondition(padding >= 0 && padding < kernel && placesDown >= 1 && placesAcross >= 1)
    precondition((placesDown - 1) * stride - padding < rows && (placesAcross - 1) * stride - padding < columns)
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.placesDown = placesDown
    self.placesAcross = placesAcross
    self.filters = filters
  }

  /// The numbers of a larger image.
  public var imageWidth: Int { rows * columns * channels }
  /// The numbers of the smaller side.
  public var placesWidth: Int { placesDown * placesAcross * filters }
  /// The number of weights.
  public var weightCount: Int { kernel * kernel * channels * filters }

  private var kernels: copur_convolution {
    copur_convolution(
      rows: rows, columns: columns, channels: channels, kernel: kernel, stride: stride, padding: padding,
      rows_out: placesDown, columns_out: placesAcross, filters: filters)
  }

  private static func padded(_ width: Int) -> Int {
    (width + Int(COPUR_PANEL) - 1) / Int(COPUR_PANEL) * Int(COPUR_PANEL)
  }

  private func multiplications(samples: Int) -> Double {
    Double(samples) * Double(placesDown * placesAcross) * Double(weightCount)
  }

  /// From images to filters' values, activation(image ∗ weights + bias), [n, ``placesWidth``].
  ///
  /// - Parameters:
  ///   - images: [n, ``imageWidth``].
  ///   - weights: ``weightCount`` values.
  ///   - bias: A value a filter; nil for none.
  ///   - slope: The activation's slope below 0; 1 for none.
  ///   - equal: Places at which all samples are equal; nil for none known.
  public func convolve(
    _ images: Matrix, weights: [Float], bias: [Float]?, slope: Float, equal: EqualPlaces? = nil
  ) -> Matrix {
    precondition(images.columns == imageWidth && weights.count == weightCount && (bias?.count ?? filters) == filters)
    let (kernels, width, places, rows) = (kernels, Self.padded(filters), placesDown * placesAcross, images.rows)
    // A block of samples shares what the cache holds of it; places are divided only where blocks are too few.
    let blocks = (rows + Self.block - 1) / Self.block
    let isDivided = multiplications(samples: rows) >= 2 * Parallel.least
    let parts = isDivided && blocks < Parallel.cores ? min(places, Parallel.cores) : 1
    let panels = Self.floats(width * kernel * kernel * channels) { panels in
      withUnsafePointer(to: kernels) { copur_convolution_panels($0, weights, panels) }
    }
    let values = Self.floats(rows * placesWidth) { output in
      images.values.withUnsafeBufferPointer { images in
        guard let images = images.baseAddress else { return }
        Self.withOptional(bias) { bias in
          Self.withOptional(equal?.marks) { equal in
            func run(_ number: Int) {
              let (first, part) = (number / parts * Self.block, number % parts)
              let samples = min(Self.block, rows - first)
              let capacity = withUnsafePointer(to: kernels) { copur_convolve_workspace($0, samples) }
              withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { workspace in
                withUnsafePointer(to: kernels) { kernels in
                  copur_convolve(
                    kernels, images + first * imageWidth, samples, panels, bias, slope, equal, part * places / parts,
                    (part + 1) * places / parts, output + first * placesWidth, workspace.baseAddress)
                }
              }
            }
            if isDivided {
              Parallel.perform(blocks * parts, run)
            } else {
              for number in 0..<blocks * parts { run(number) }
            }
          }
        }
      }
    }
    return Matrix(rows: rows, columns: placesWidth, values: values)
  }

  /// ∂ℓ/∂weights, ``weightCount`` values, summed over the batch.
  ///
  /// - Parameters:
  ///   - images: [n, ``imageWidth``].
  ///   - slopes: ∂ℓ/∂(image ∗ weights), [n, ``placesWidth``].
  ///   - equal: Places of the images at which all samples are equal; nil for none known.
  public func weightGradient(_ images: Matrix, slopes: Matrix, equal: EqualPlaces? = nil) -> [Float] {
    precondition(images.columns == imageWidth && slopes.columns == placesWidth && images.rows == slopes.rows)
    let (kernels, width, taps, rows) = (kernels, Self.padded(filters), kernel * kernel, images.rows)
    let padded = [Float](unsafeUninitializedCapacity: taps * channels * width) { gradient, count in
      count = taps * channels * width
      gradient.initialize(repeating: 0)
      guard let gradient = gradient.baseAddress else { return }
      images.values.withUnsafeBufferPointer { images in
        slopes.values.withUnsafeBufferPointer { slopes in
          Self.withOptional(equal?.marks) { equal in
            guard let images = images.baseAddress, let slopes = slopes.baseAddress else { return }
            Parallel.divide(taps, multiplications: multiplications(samples: rows)) { part in
              let capacity = (rows + 1) * width + rows * (kernel * channels + Int(COPUR_PANEL))
              withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { workspace in
                withUnsafePointer(to: kernels) { kernels in
                  copur_convolution_gradient(
                    kernels, images, slopes, rows, equal, part.lowerBound, part.upperBound, gradient,
                    workspace.baseAddress)
                }
              }
            }
          }
        }
      }
    }
    guard width > filters else { return padded }
    return [Float](unsafeUninitializedCapacity: weightCount) { gradient, count in
      count = weightCount
      for row in 0..<taps * channels {
        for filter in 0..<filters { gradient[row * filters + filter] = padded[row * width + filter] }
      }
    }
  }

  /// ∂ℓ/∂images, [n, ``imageWidth``].
  ///
  /// - Parameters:
  ///   - slopes: ∂ℓ/∂(image ∗ weights), [n, ``placesWidth``].
  ///   - weights: ``weightCount`` values.
  ///   - summed: Places of the images whose gradients are of use as sums over the batch only: the first row has the sum, the
  ///     others 0. Nil for none.
  public func pullback(_ slopes: Matrix, weights: [Float], summed: EqualPlaces? = nil) -> Matrix {
    precondition(slopes.columns == placesWidth && weights.count == weightCount)
    let (kernels, width, rows) = (kernels, Self.padded(channels), slopes.rows)
    let panels = Self.floats(kernel * kernel * width * filters) { panels in
      withUnsafePointer(to: kernels) { copur_convolution_tap_panels($0, weights, panels) }
    }
    let values = Self.floats(rows * imageWidth) { output in
      slopes.values.withUnsafeBufferPointer { slopes in
        guard let slopes = slopes.baseAddress else { return }
        Self.withOptional(summed?.marks) { summed in
          Parallel.divide(rows, multiplications: multiplications(samples: rows)) { part in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.block * kernel * width) { workspace in
              withUnsafePointer(to: kernels) { kernels in
                for first in Swift.stride(from: part.lowerBound, to: part.upperBound, by: Self.block) {
                  copur_convolution_pullback(
                    kernels, slopes, first, min(first + Self.block, part.upperBound), panels, summed, output,
                    workspace.baseAddress)
                }
              }
            }
          }
          guard summed != nil else { return }
          withUnsafeTemporaryAllocation(of: Float.self, capacity: filters + kernel * width) { workspace in
            withUnsafePointer(to: kernels) { kernels in
              copur_convolution_sum_pullback(kernels, slopes, rows, panels, summed, output, workspace.baseAddress)
            }
          }
        }
      }
    }
    return Matrix(rows: rows, columns: imageWidth, values: values)
  }

  /// The number of samples that share what the cache holds of weights.
  private static let block = 128

  private static func floats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { values, initialized in
      initialized = count
      if let values = values.baseAddress { body(values) }
    }
  }

  private static func withOptional<Element>(_ values: [Element]?, _ body: (UnsafePointer<Element>?) -> Void) {
    guard let values else { return body(nil) }
    values.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
