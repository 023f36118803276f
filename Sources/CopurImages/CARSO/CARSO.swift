internal import CopurLearning
public import CopurNumerics

/// CARSO (Ballarin, Ansuini and Bortolussi 2025): a classifier's pre-activations on a picture condition a purifier, the
/// classifier judges several pictures that the purifier draws, and their logits are made one prediction (section 4.1).
///
/// The purifier's code z of a draw follows from the seed, the picture's number and the draw's, so that a picture is
/// judged alike in any batch.
public struct CARSO: Sendable {
  /// The classifier, which is the same before and after the purifier.
  public let classifier: PictureClassifier
  /// The purifier.
  public let purifier: Purifier
  /// N, how many pictures are drawn for a prediction.
  public let draws: Int

  /// - Precondition: The purifier is for this classifier, `draws` at least 1.
  public init(classifier: PictureClassifier, purifier: Purifier, draws: Int = 8) {
    precondition(draws >= 1 && purifier.shape == classifier.shape)
    precondition(purifier.conditions.allSatisfy(classifier.preactivations.contains))
    self.classifier = classifier
    self.purifier = purifier
    self.draws = draws
  }

  /// Purified pictures, from 0 to 1, [n · count, d], the draws of a picture one after the other.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - numbers: The number of each, n of them.
  ///   - count: How many to draw of each.
  public func purify(_ pictures: Matrix, numbers: [Int], count: Int, seed: UInt64) -> Matrix {
    let condition = purifier.encode(classifier.network.trace(pictures).outputs, in: .inference)
    let codes = codes(numbers: numbers, count: count, seed: seed)
    var purified = purifier[.decoder].infer(Matrix(besides: [codes, condition.output.repeatingEachRow(count)]))
    purified.applyLogistic()
    return purified
  }

  /// z of each draw, [n · count, code].
  private func codes(numbers: [Int], count: Int, seed: UInt64) -> Matrix {
    let width = purifier.widths.code
    return Matrix(rows: numbers.count * count, columns: width) { codes in
      for (row, number) in numbers.enumerated() {
        var generator = SeededGenerator(seed: seed, purpose: "codes of picture \(number)")
        for place in row * count * width..<(row + 1) * count * width { codes[place] = Float(generator.normal()) }
      }
    }
  }
}

extension CARSO: PictureVictim {
  public var classes: Int { classifier.classes }
  public var isRandom: Bool { true }

  public func logits(of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64) -> Matrix {
    precondition(numbers.count == pictures.rows && passes >= 1)
    return classifier.network.infer(purify(pictures, numbers: numbers, count: passes * draws, seed: seed))
  }

  /// The gradient through everything: classifier, decoder, the condition's encoder, classifier.
  public func gradient(
    of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64,
    loss: (Matrix) -> (values: [Float], slopes: Matrix)
  ) -> (values: [Float], gradient: Matrix) {
    precondition(numbers.count == pictures.rows && passes >= 1)
    let (count, code) = (passes * draws, purifier.widths.code)
    let first = classifier.network.trace(pictures)
    let condition = purifier.encode(first.outputs, in: .inference)
    let codes = codes(numbers: numbers, count: count, seed: seed)
    let decoded = purifier[.decoder].trace(Matrix(besides: [codes, condition.output.repeatingEachRow(count)]))
    var purified = decoded.output
    purified.applyLogistic()
    let second = classifier.network.trace(purified)
    let (values, slopes) = loss(second.output)

    var back = classifier.network.pullback(second, outputGradient: slopes)
    back.values.withUnsafeMutableBufferPointer { back in
      purified.values.withUnsafeBufferPointer { purified in
        for index in 0..<back.count { back[index] *= purified[index] * (1 - purified[index]) }
      }
    }
    let ofDecoder = purifier[.decoder].pullback(decoded, outputGradient: back)
    let ofCondition = ofDecoder.columns(code..<ofDecoder.columns).sumsOfRows(inGroupsOf: count)
    let layers = purifier.pullback(condition, slopes: ofCondition)
    let none = Matrix(rows: pictures.rows, columns: classes)
    return (values, classifier.network.pullback(first, outputGradient: none, adding: layers))
  }
}
