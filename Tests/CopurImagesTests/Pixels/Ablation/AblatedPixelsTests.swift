import CopurImages
import CopurLearning
import CopurNumerics
import Testing

/// Classifiers of pictures of 2 × 3 pixels, small enough for all sets of kept pixels.
enum TinyAblation {
  static let shape = ImageShape(rows: 2, columns: 3, channels: 1)

  /// All sets of k of the six pixels.
  static func masks(keep: Int) -> [Int32] {
    (0..<1 << 6).filter { $0.nonzeroBitCount == keep }.flatMap { set in
      (0..<Int32(6)).filter { set & (1 << Int($0)) != 0 }
    }
  }

  /// The probability of each class over all sets.
  static func probabilities(_ model: AblatedPixels, _ picture: [Float]) -> [Double] {
    let masks = masks(keep: model.keep)
    let logits = model.network.infer(model.encode(Matrix([picture]), row: 0, masks: masks))
    var counts = [Int](repeating: 0, count: model.classes)
    for label in ClassificationLoss.softmax.labels(of: logits) { counts[label] += 1 }
    return counts.map { Double($0) / Double(logits.rows) }
  }

  /// All black and white pictures.
  static let pictures: [[Float]] = (0..<1 << 6).map { bits in (0..<6).map { bits & (1 << $0) == 0 ? 0 : 1 } }

  static func distance(_ first: [Float], _ second: [Float]) -> Int { zip(first, second).count { $0 != $1 } }

  static func random(keep: Int, seed: UInt64, encoding: NullEncoding = .twoChannel) -> AblatedPixels {
    var generator = SeededGenerator(seed: seed)
    let inputs = encoding == .twoChannel ? 12 : 6
    return AblatedPixels(
      shape: shape, classes: 3, keep: keep, encoding: encoding,
      network: Network(DenseNetwork(widths: [inputs, 8, 3], hidden: .relu, using: &generator)))
  }
}

extension TinyAblation {
  /// Class 1 where a kept pixel is white, else 0: logits ½ and Σ s over the kept pixels.
  static func white(keep: Int) -> AblatedPixels {
    var weights = Matrix(rows: 12, columns: 2)
    for pixel in 0..<6 { weights[2 * pixel, 1] = 1 }
    let network = DenseNetwork(layers: [DenseLayer(weights: weights, bias: [0.5, 0], activation: .identity)])
    return AblatedPixels(shape: shape, classes: 2, keep: keep, encoding: .twoChannel, network: Network(network))
  }
}

@Suite("AblatedPixels")
struct AblatedPixelsTests {
  @Test("pixels that are kept are s and 1 − s, others NULL")
  func encoding() throws {
    let shape = ImageShape(rows: 1, columns: 3, channels: 2)
    var generator = SeededGenerator(seed: 0)
    let pictures = Matrix([[0, 0, 0, 0, 0, 0], [0.25, 0.5, 0, 1, 0.75, 1]])
    let two = AblatedPixels(
      shape: shape, classes: 2, keep: 2, encoding: .twoChannel,
      network: Network(DenseNetwork(widths: [12, 2], hidden: .relu, using: &generator)))
    #expect(
      two.encode(pictures, row: 1, masks: [2, 0, 0, 1])
        == Matrix([
          [0.25, 0.5, 0.75, 0.5, 0, 0, 0, 0, 0.75, 1, 0.25, 0], [0.25, 0.5, 0.75, 0.5, 0, 1, 1, 0, 0, 0, 0, 0],
        ]))
    // Black that is kept is not NULL.
    #expect(two.encode(pictures, rows: [0], mask: [1]) == Matrix([[0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]]))
    let mean = AblatedPixels(
      shape: shape, classes: 2, keep: 1, encoding: .mean([0.1, 0.2]),
      network: Network(DenseNetwork(widths: [6, 2], hidden: .relu, using: &generator)))
    #expect(
      mean.encode(pictures, rows: [1, 0], mask: [1])
        == Matrix([[0.1, 0.2, 0, 1, 0.1, 0.2], [0.1, 0.2, 0, 0, 0.1, 0.2]]))
    #expect(AblatedPixelTraining.means(of: pictures, shape: shape) == [Float(1) / 6, Float(2.5) / 6])
  }

  @Test("the base classifier has the layers of the paper's table 9")
  func architecture() throws {
    let network = try AblatedPixels.baseNetwork(ImageShape(rows: 28, columns: 28, channels: 2), classes: 10)
    #expect(network.widths == [1568, 14 * 14 * 64, 6272, 500, 100, 10])
    #expect(
      network.parameterCount == (16 * 2 * 64 + 64) + (16 * 64 * 128 + 128) + 6272 * 500 + 500 + 500 * 100 + 100 + 1010)
    #expect(throws: ArchitectureError.self) {
      try AblatedPixels.baseNetwork(ImageShape(rows: 3, columns: 3, channels: 2), classes: 10)
    }
  }

  @Test("votes depend on seed, picture and draw alone, not on batches or neighbours")
  func votes() throws {
    let model = TinyAblation.random(keep: 2, seed: 5)
    let pictures = Matrix(Array(TinyAblation.pictures[20..<24]))
    func voting(_ batch: Int, _ seed: UInt64 = 1) -> AblatedPixels.Voting {
      AblatedPixels.Voting(choosing: 13, bounding: 57, seed: seed, batch: batch)
    }
    let votes = try model.votes(pictures, by: voting(1000))
    #expect(votes.allSatisfy { $0.choosing.reduce(0, +) == 13 && $0.bounding.reduce(0, +) == 57 })
    #expect(try model.votes(pictures, by: voting(7)) == votes)
    let alone = Matrix([Array(pictures[row: 2])])
    #expect(try model.votes(alone, numbers: [2], by: voting(10)) == [votes[2]])
    #expect(try model.votes(pictures, by: voting(1000, 2)) != votes)
  }

  @Test("shares of votes are near the probabilities over all sets")
  func shares() throws {
    let model = TinyAblation.random(keep: 3, seed: 8)
    let picture = TinyAblation.pictures[37]
    let votes = model.votes(Matrix([picture]), row: 0, number: 0, draws: 0..<4000, seed: 3)
    for (count, probability) in zip(votes, TinyAblation.probabilities(model, picture)) {
      // Four standard deviations.
      #expect(abs(Double(count) / 4000 - probability) <= 4 * (probability * (1 - probability) / 4000).squareRoot())
    }
  }
}
