internal import CopurLearning
public import CopurNumerics

extension Purifier {
  /// A purifier's loss on a batch, in its parts, means over the batch.
  public struct Losses: Hashable, Sendable, Codable {
    /// The cross-entropy of a purified picture with the clean one, summed over its values, in nats.
    public var reconstruction: Double
    /// KL(q(z | x, c) ‖ N(0, 1)), in nats. Near 0 draws are alike, and the purifier is a function of c in effect.
    public var divergence: Double

    public init(reconstruction: Double, divergence: Double) {
      self.reconstruction = reconstruction
      self.divergence = divergence
    }
  }

  /// The loss of a batch and its gradient (appendix B): reconstruction + weight · divergence.
  ///
  /// - Parameters:
  ///   - clean: The pictures as they were, [n, d], from 0 to 1: what is to come out.
  ///   - seen: The pictures that the classifier and the encoder see, some of them attacked, [n, d].
  ///   - outputs: The outputs of all layers of the classifier for these.
  ///   - divergenceWeight: β.
  ///   - seed: The codes' noise follows from it.
  /// - Returns: The losses, and ∂(their weighted sum)/∂parameters of each of ``networks``.
  package func lossGradient(
    clean: Matrix, seen: Matrix, outputs: [Matrix], divergenceWeight: Float, seed: UInt64
  ) -> (losses: Losses, gradients: [[[Float]]]) {
    let (code, width) = (widths.code, widths.representation)
    let pass = Pass.training(seed: seed)
    let condition = encode(outputs, in: pass)
    let input = self[.input].trace(standardized(seen), in: pass)
    let joint = self[.joint].trace(Matrix(besides: [input.output, condition.output]), in: pass)
    let drawn = draw(joint.output, seed: seed)
    let decoded = self[.decoder].trace(Matrix(besides: [drawn.codes, condition.output]), in: pass)
    let (reconstruction, slopes) = Self.reconstruction(decoded.output, clean: clean)

    var gradients = [[[Float]]](repeating: [], count: networks.count)
    let ofDecoder = self[.decoder].backward(decoded, outputGradient: slopes)
    gradients[index(.decoder)] = ofDecoder.parameters
    let (divergence, heads) = headSlopes(
      joint.output, noise: drawn.noise, through: ofDecoder.input.columns(0..<code), weight: divergenceWeight)
    let ofJoint = self[.joint].backward(joint, outputGradient: heads)
    gradients[index(.joint)] = ofJoint.parameters
    let encodedInput = input.output.columns
    gradients[index(.input)] = self[.input].parameterGradient(
      input, outputGradient: ofJoint.input.columns(0..<encodedInput))
    // The encoded condition is used twice: beside the encoded picture, and beside the code.
    var ofCondition = ofDecoder.input.columns(code..<code + width)
    ofCondition.add(ofJoint.input.columns(encodedInput..<encodedInput + width))
    backward(condition, slopes: ofCondition, into: &gradients)
    return (Losses(reconstruction: reconstruction, divergence: divergence), gradients)
  }

  /// The losses of pictures that are not attacked, with codes drawn as in training and running moments of batches.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - seed: The codes' noise follows from it.
  public func losses(on pictures: Matrix, classifier: PictureClassifier, seed: UInt64) -> Losses {
    var losses = Losses(reconstruction: 0, divergence: 0)
    for chunk in PictureChunks.ranges(pictures.rows, rowsOfEach: 1) {
      let clean = pictures.selecting(rows: chunk)
      let condition = encode(classifier.network.trace(clean).outputs, in: .inference).output
      let heads = self[.joint].infer(Matrix(besides: [self[.input].infer(standardized(clean)), condition]))
      let seed = SeededGenerator.seed(under: seed, for: "losses from picture \(chunk.lowerBound)")
      let drawn = draw(heads, seed: seed)
      let decoded = self[.decoder].infer(Matrix(besides: [drawn.codes, condition]))
      let share = Double(chunk.count) / Double(pictures.rows)
      losses.reconstruction += share * Self.reconstruction(decoded, clean: clean).value
      losses.divergence += share * headSlopes(heads, noise: drawn.noise, through: nil, weight: 1).value
    }
    return losses
  }

  // MARK: Parts

  /// A log-variance in a range where its exponential is finite.
  private static func limited(_ logVariance: Float) -> Float { min(max(logVariance, -20), 20) }

  /// Codes drawn about their means, and the standard normal numbers that they were drawn by.
  private func draw(_ heads: Matrix, seed: UInt64) -> (codes: Matrix, noise: Matrix) {
    let code = widths.code
    var generator = SeededGenerator(seed: seed, purpose: "codes of a purifier's training")
    let noise = generator.normalMatrix(rows: heads.rows, columns: code)
    var codes = heads.columns(0..<code)
    for row in 0..<codes.rows {
      for column in 0..<code {
        codes[row, column] += exponential(Self.limited(heads[row, code + column]) / 2) * noise[row, column]
      }
    }
    return (codes, noise)
  }

  /// Cross-entropy of log-odds with values from 0 to 1, a sum over a picture and a mean over the batch.
  private static func reconstruction(_ logOdds: Matrix, clean: Matrix) -> (value: Double, slopes: Matrix) {
    precondition(logOdds.rows == clean.rows && logOdds.columns == clean.columns)
    let share = 1 / Float(max(1, clean.rows))
    var total = 0.0
    let slopes = Matrix(rows: clean.rows, columns: clean.columns) { slopes in
      logOdds.values.withUnsafeBufferPointer { logOdds in
        clean.values.withUnsafeBufferPointer { clean in
          for index in 0..<clean.count {
            total += Double(softplus(logOdds[index]) - clean[index] * logOdds[index])
            slopes[index] = share * (logistic(logOdds[index]) - clean[index])
          }
        }
      }
    }
    return (total * Double(share), slopes)
  }

  /// The divergence ½Σ(μ² + σ² − 1 − log σ²), a mean over the batch, and the gradient by means and log-variances.
  ///
  /// - Parameters:
  ///   - through: ∂(reconstruction)/∂codes; nil for 0.
  ///   - weight: β.
  private func headSlopes(
    _ heads: Matrix, noise: Matrix, through: Matrix?, weight: Float
  ) -> (value: Double, slopes: Matrix) {
    let code = widths.code
    let share = 1 / Float(max(1, heads.rows))
    var slopes = Matrix(rows: heads.rows, columns: 2 * code)
    var total = 0.0
    for row in 0..<heads.rows {
      for column in 0..<code {
        let (mean, logVariance) = (heads[row, column], Self.limited(heads[row, code + column]))
        let variance = exponential(logVariance)
        let slope = through?[row, column] ?? 0
        slopes[row, column] = slope + weight * share * mean
        let isLimited = logVariance != heads[row, code + column]
        slopes[row, code + column] =
          isLimited
          ? 0 : slope * noise[row, column] * variance.squareRoot() / 2 + weight * share * (variance - 1) / 2
        total += Double(mean * mean + variance - 1 - logVariance) / 2
      }
    }
    return (total * Double(share), slopes)
  }
}
