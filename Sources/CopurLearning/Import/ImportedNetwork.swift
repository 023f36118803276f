public import CopurNumerics

/// A network that was trained elsewhere, with what brings features to the scale that it was trained on.
public struct ImportedNetwork: Hashable, Sendable {
  /// The number that is subtracted from each feature.
  public let means: [Float]
  /// The number that each feature is divided by then; over 0.
  public let standardDeviations: [Float]
  /// From the features so scaled to the output.
  public let network: Network

  /// The output for a batch of rows without missing values, [n, outputWidth].
  ///
  /// - Parameter rows: Raw features, [n, inputWidth]; a picture's values with the channels last.
  public func infer(_ rows: Matrix) -> Matrix {
    var scaled = rows
    for row in 0..<scaled.rows {
      for column in 0..<scaled.columns {
        scaled[row, column] = (scaled[row, column] - means[column]) / standardDeviations[column]
      }
    }
    return network.infer(scaled)
  }
}

/// The input of a network that was trained elsewhere.
public enum ImportedInput: Hashable, Sendable {
  /// Rows of so many features.
  case row(Int)
  /// Pictures.
  case image(ImageShape)
}

extension ImportedInput: CustomStringConvertible {
  /// The number of values; `Int.max` where there are more than that.
  public var width: Int {
    switch self {
    case .row(let width): width
    case .image(let image): image.count
    }
  }

  public var description: String {
    switch self {
    case .row(let width): "\(width)"
    case .image(let image): "\(image)"
    }
  }
}
