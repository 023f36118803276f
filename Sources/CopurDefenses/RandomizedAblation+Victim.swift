public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// A vote has no gradient. What is followed is that of the subsets' mean loss, over the very subsets that vote.
extension RandomizedAblation: Victim {
  public var gradientCaveat: String? {
    "the votes of \(name) have no gradient: that of its subsets' mean loss was followed"
  }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    let width = blockWeights[0].columns
    var losses: [Float] = []
    // For each block the gradient with respect to its own product with the first layer's weights.
    var slopes = layout.widths.map { _ in Matrix(rows: observation.samples, columns: width) }
    _ = map(observation) { sample, products in
      let ofSubsets = model.network.gradient(firstProduct: products) { output in
        let (mean, gradient) = model.loss(output, labels: [Int](repeating: labels[sample], count: products.rows))
        losses.append(mean)
        return gradient
      }
      for (subset, members) in subsets.members.enumerated() {
        for block in members where observation.isObserved(block: block, of: sample) {
          for column in 0..<width { slopes[block][sample, column] += ofSubsets[subset, column] }
        }
      }
    }
    var gradient = Matrix(rows: observation.samples, columns: layout.totalWidth)
    for block in 0..<layout.count {
      gradient.replaceColumns(
        layout[block], with: Matrix.product(slopes[block], .plain, blockWeights[block], .transposed))
    }
    return LossGradient(losses: losses, gradient: gradient)
  }
}
