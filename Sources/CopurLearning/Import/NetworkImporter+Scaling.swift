extension NetworkImporter {
  /// (x − subtrahend)/divisor of the raw features.
  ///
  /// - Parameters:
  ///   - subtrahend: One value, one a channel, or one a feature; nil for 0.
  ///   - divisor: Likewise, each over 0; nil for 1.
  mutating func standardize(subtrahend: Weights? = nil, divisor: Weights? = nil) throws {
    guard specifications.isEmpty else {
      throw ImportError(
        "values are shifted and scaled before the first layer, or by a batch normalisation "
          + "(\"\((subtrahend ?? divisor)?.name ?? "")\" comes later)")
    }
    if let subtrahend { try standardization.subtract(spread(subtrahend)) }
    if let divisor { try standardization.divide(by: spread(divisor), name: divisor.name) }
  }

  /// A value for each feature.
  private func spread(_ weights: Weights) throws -> [Float] {
    let values = weights.values
    if values.count == 1 { return [Float](repeating: values[0], count: width) }
    if let image, values.count == image.channels, weights.shape.suffix(3) == [image.channels, 1, 1] {
      return (0..<width).map { values[$0 % image.channels] }
    }
    guard image == nil, flattened == nil, values.count == width, weights.shape.last == width else {
      throw ImportError(
        "\"\(weights.name)\" has one value, one a channel or one a feature (actual: \(weights.shape), input: \(input))")
    }
    return values
  }
}

/// The scale that features are brought to before a network.
struct Standardization {
  var means: [Float]
  var deviations: [Float]

  init(width: Int) {
    means = [Float](repeating: 0, count: width)
    deviations = [Float](repeating: 1, count: width)
  }

  mutating func subtract(_ values: [Float]) throws {
    for index in means.indices { means[index] += values[index] * deviations[index] }
    try check()
  }

  mutating func divide(by values: [Float], name: String) throws {
    guard values.allSatisfy({ $0 > 0 }) else {
      throw ImportError("features are divided by numbers over 0 (\"\(name)\": \(values.min() ?? 0))")
    }
    for index in deviations.indices { deviations[index] *= values[index] }
    try check()
  }

  private func check() throws {
    guard means.allSatisfy(\.isFinite), deviations.allSatisfy({ $0.isNormal }) else {
      throw ImportError("the means and standard deviations of features are finite, the latter over 0")
    }
  }
}
