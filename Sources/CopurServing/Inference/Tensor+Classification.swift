extension Tensor {
  /// The likeliest classes of each sample, as Triton's classification extension writes them: `value:class`.
  ///
  /// - Parameters:
  ///   - probabilities: A number a class, of each sample.
  ///   - classes: How many are wanted, 1 or more; all, if there are fewer. Of equal ones the first comes first.
  init(classification probabilities: [[Float]], named name: String, classes: Int) {
    let count = min(classes, probabilities.first?.count ?? 0)
    let texts = probabilities.flatMap { values in
      values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(count).map { "\(values[$0]):\($0)" }
    }
    self.init(name: name, shape: [probabilities.count, count], values: .texts(texts))
  }
}
