/// The mean and spread of one rate over seeds.
struct Summary: Hashable {
  /// The mean.
  let mean: Double
  /// The sample standard deviation (divisor n − 1); nil for one value.
  let deviation: Double?

  /// One whose deviation was found otherwise.
  init(mean: Double, deviation: Double?) {
    self.mean = mean
    self.deviation = deviation
  }

  /// - Parameter values: At least one.
  init(_ values: [Double]) {
    precondition(!values.isEmpty)
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation =
      values.count < 2
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// In percent with one decimal, such as `84.1` or `84.1 ± 0.6`.
  var percent: String {
    guard let deviation else { return Self.percent(mean) }
    return "\(Self.percent(mean)) ± \(Self.percent(deviation))"
  }

  private static func percent(_ fraction: Double) -> String {
    let tenths = Int((fraction * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
