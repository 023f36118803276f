internal import CopurLearning
public import CopurNumerics

/// The votes of one picture, in whole numbers.
public struct PixelVotes: Hashable, Sendable, Codable {
  /// The votes of the first draws, which choose the class, one a class.
  public let choosing: [Int]
  /// The votes of the other draws, which bound the class's probability, one a class.
  public let bounding: [Int]

  /// - Precondition: Both are of the same classes, at least one, and not negative.
  public init(choosing: [Int], bounding: [Int]) {
    precondition(!choosing.isEmpty && choosing.count == bounding.count && (choosing + bounding).allSatisfy { $0 >= 0 })
    self.choosing = choosing
    self.bounding = bounding
  }

  private enum CodingKeys: String, CodingKey { case choosing, bounding }

  /// - Throws: `DecodingError` if the two are not of the same classes, or a count is below 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    choosing = try container.decode([Int].self, forKey: .choosing)
    bounding = try container.decode([Int].self, forKey: .bounding)
    guard !choosing.isEmpty, choosing.count == bounding.count, (choosing + bounding).allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .bounding, in: container,
        debugDescription: "votes are of the same classes twice, 0 or more (actual: \(choosing), \(bounding))")
    }
  }
}

extension AblatedPixels {
  /// The settings by which votes are drawn.
  public struct Voting: Hashable, Sendable, Codable {
    /// The number of draws that choose the class; at least 1.
    public var choosing: Int
    /// The number of other draws that bound its probability; at least 1.
    public var bounding: Int
    /// Sets of kept pixels follow from it, the picture's number, and the draw's.
    public var seed: UInt64
    /// The number of draws that go through the network at a time; at least 1. It changes no vote.
    public var batch: Int

    /// The paper's numbers of draws.
    public init(choosing: Int = 1000, bounding: Int = 10_000, seed: UInt64 = 0, batch: Int = 1000) {
      self.choosing = choosing
      self.bounding = bounding
      self.seed = seed
      self.batch = batch
    }
  }

  /// The votes of pictures.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - numbers: The number of each picture, from which its sets of kept pixels follow; nil for 0 ..< n.
  ///   - progress: Called after each picture with how many are done.
  /// - Throws: `CancellationError` if the task is cancelled.
  public func votes(
    _ pictures: Matrix, numbers: [Int]? = nil, by voting: Voting, progress: (Int) -> Void = { _ in }
  ) throws -> [PixelVotes] {
    let numbers = numbers ?? Array(0..<pictures.rows)
    precondition(numbers.count == pictures.rows)
    var result: [PixelVotes] = []
    for (row, number) in numbers.enumerated() {
      try Task.checkCancellation()
      result.append(
        PixelVotes(
          choosing: votes(
            pictures, row: row, number: number, draws: 0..<voting.choosing, seed: voting.seed, batch: voting.batch),
          bounding: votes(
            pictures, row: row, number: number, draws: voting.choosing..<voting.choosing + voting.bounding,
            seed: voting.seed, batch: voting.batch)))
      progress(row + 1)
    }
    return result
  }

  /// The number of some draws that are for each class.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - row: The picture.
  ///   - number: The picture's number among all.
  ///   - draws: The numbers of the draws; a draw's set follows from the seed, the picture's number and its own.
  ///   - batch: How many draws go through the network at a time; at least 1.
  public func votes(
    _ pictures: Matrix, row: Int, number: Int, draws: Range<Int>, seed: UInt64, batch: Int = 1000
  ) -> [Int] {
    precondition(batch >= 1)
    var ofPicture = SeededGenerator(seed: seed, purpose: "kept pixels of picture \(number)")
    let first = ofPicture.next()
    var drawer = PixelMasks(pixels: shape.pixelCount, keep: keep)
    var votes = [Int](repeating: 0, count: classes)
    for start in stride(from: draws.lowerBound, to: draws.upperBound, by: batch) {
      let numbers = start..<min(start + batch, draws.upperBound)
      let masks = [Int32](unsafeUninitializedCapacity: numbers.count * keep) { buffer, count in
        buffer.initialize(repeating: 0)
        for (index, draw) in numbers.enumerated() {
          var generator = SeededGenerator(seed: first &+ UInt64(draw))
          drawer.draw(
            using: &generator, into: UnsafeMutableBufferPointer(rebasing: buffer[index * keep..<(index + 1) * keep]))
        }
        count = numbers.count * keep
      }
      let logits = network.infer(encode(pictures, row: row, masks: masks))
      logits.values.withUnsafeBufferPointer { logits in
        for index in 0..<numbers.count {
          var best = 0
          for label in 1..<max(1, classes) where logits[index * classes + label] > logits[index * classes + best] {
            best = label
          }
          votes[best] += 1
        }
      }
    }
    return votes
  }
}
