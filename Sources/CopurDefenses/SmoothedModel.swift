public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// A fusion model's majority vote over Gaussian noise on its input (Cohen et al. 2019, section 3.2.1, without abstaining).
///
/// The first layer maps noise n on h to n·W₁, which is N(0, σ²·W₁ᵀW₁) in its few dimensions: drawn there, the votes have the
/// same distribution at a fraction of the work. The draws come from the seed once and are the same for all samples, so
/// that a decision depends on its sample alone, wherever it is made.
public struct SmoothedModel: Sendable {
  /// The most draws that a gradient is averaged over: by far enough for its direction, and an attacker who takes hundreds of
  /// steps can afford no more. What counts are the votes, of all draws.
  public static let gradientDraws = 128

  /// The model that votes, on h with noise.
  public let model: FusionModel
  /// n·W₁ of each draw, [draws, width of the first layer's output].
  package let noise: Matrix
  /// Those that gradients are averaged over.
  private let gradientNoise: Matrix

  /// - Parameters:
  ///   - columns: The columns of h that get noise, independent in each; disjoint ranges.
  ///   - seed: Gives the draws.
  /// - Throws: ``NumericsError`` if the noise of such a σ is not finite.
  public init(
    _ model: FusionModel, settings: SmoothingSettings, columns: [Range<Int>], seed: UInt64
  ) throws {
    precondition(settings.sigma > 0 && settings.draws >= 1)
    self.model = model
    let weights = model.network.layers[0].weights
    let width = weights.columns
    var covariance = [Double](repeating: 0, count: width * width)
    for input in columns.joined() {
      for first in 0..<width {
        let scaled = Double(settings.sigma) * Double(settings.sigma) * Double(weights[input, first])
        for second in 0..<width { covariance[first * width + second] += scaled * Double(weights[input, second]) }
      }
    }
    // Λ^½·Vᵀ is a root of VΛVᵀ whatever its rank; a Cholesky factor needs all of it.
    let eigen = try SymmetricEigen(of: covariance, size: width)
    let root = Matrix(
      zip(eigen.values, eigen.vectors).map { value, vector in
        vector.map { Float(max(value, 0).squareRoot() * $0) }
      })
    var generator = SeededGenerator(seed: seed, purpose: "randomized smoothing")
    noise = Matrix.product(generator.normalMatrix(rows: settings.draws, columns: width), root)
    guard noise.isFinite else {
      throw NumericsError("noise of standard deviation \(settings.sigma) is beyond single precision")
    }
    gradientNoise = noise.selecting(rows: 0..<min(noise.rows, Self.gradientDraws))
  }

  /// The number of draws for each class, of each row of h, [n, D].
  public func votes(_ embeddings: Matrix) -> [[Int]] {
    let centres = Matrix.saturatingProduct(embeddings, model.network.layers[0].weights)
    return (0..<embeddings.rows).map { row in
      var products = noise
      products.addToEachRow(Array(centres[row: row]))
      return MajorityVote.count(
        model.loss.labels(of: model.network.infer(firstProduct: products)), classes: model.classes)
    }
  }

  /// The mean over the first ``gradientDraws`` draws of each row's cross-entropy with a class, and its gradient with
  /// respect to the row.
  public func lossGradient(ofEach embeddings: Matrix, labels: [Int]) -> LossGradient {
    let network = model.network
    let weights = network.layers[0].weights
    let centres = Matrix.saturatingProduct(embeddings, weights)
    var losses: [Float] = []
    var slopes = Matrix(rows: embeddings.rows, columns: weights.columns)
    for (row, label) in labels.enumerated() {
      var products = gradientNoise
      products.addToEachRow(Array(centres[row: row]))
      let ofDraws = network.gradient(firstProduct: products) { output in
        let (mean, gradient) = model.loss(output, labels: [Int](repeating: label, count: gradientNoise.rows))
        losses.append(mean)
        return gradient
      }
      slopes[row: row] = ofDraws.columnSums[...]
    }
    return LossGradient(losses: losses, gradient: Matrix.product(slopes, .plain, weights, .transposed))
  }

  /// The class of most draws, for each row of h, [n, D]; probabilities are shares of the draws.
  public func decide(_ embeddings: Matrix) -> [Decision] { votes(embeddings).map(MajorityVote.decision) }
}
