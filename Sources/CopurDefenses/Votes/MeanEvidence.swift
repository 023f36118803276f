internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The mean of the evidence of those voters that are there, as a model to differentiate.
struct MeanEvidence {
  let voters: [Int]
  let classes: Int

  func lossGradient(_ observation: Observation, labels: [Int]) -> LossGradient {
    let layout = observation.layout
    let loss = ClassificationLoss(classes: classes)
    let width = loss.logits(classes: classes)
    var means = Matrix(rows: observation.samples, columns: width)
    let present = (0..<observation.samples).map { sample in
      voters.filter { observation.isObserved(block: $0, of: sample) }
    }
    for (sample, voters) in present.enumerated() where !voters.isEmpty {
      for column in 0..<width {
        let sum = voters.reduce(0.0) {
          $0 + Double(observation.embeddings[sample, layout[$1].lowerBound + column])
        }
        means[sample, column] = Float(sum / Double(voters.count))
      }
    }
    let (losses, slopes) = loss.ofEachRow(means, labels: labels)
    var gradient = Matrix(rows: observation.samples, columns: layout.totalWidth)
    for (sample, voters) in present.enumerated() {
      for voter in voters {
        for column in 0..<width {
          gradient[sample, layout[voter].lowerBound + column] = slopes[sample, column] / Float(voters.count)
        }
      }
    }
    return LossGradient(losses: losses, gradient: gradient)
  }
}
