internal import CopurCore
public import CopurLearning
public import CopurNumerics

/// The pointwise attack (Schott et al. 2019, "Pointwise Attack"; table 2 of Levine and Feizi 2020): from a picture that is far
/// off and misclassified, pixels are set back one after the other as long as it stays misclassified, until none can be.
///
/// It sees classes only. Starts are pictures of another class, and noise of the least and the largest number, of as few of
/// their pixels as fool. An attacker of one agent changes that agent's pixels alone.
public struct PointwiseAttack: Hashable, Sendable, Codable {
  /// A picture's extents.
  public var shape: ImageShape
  /// The pixels that may be changed, by number; nil for all.
  public var pixels: [Int]?
  /// The number of times that it begins anew; the best counts.
  public var restarts = 10
  /// The most pictures that the victim is asked about at a time. It changes no result.
  public var batch = 64
  /// Whether halves, quarters and so on of the changed pixels are set back before single ones. A departure from the
  /// original: where a picture takes long to judge, it saves most of the evaluations.
  public var setsBackBlocks = false
  /// The numbers of noise, such as black and white.
  public var noise: [Float] = [0, 1]
  /// The seed of starts and orders, with the picture's number.
  public var seed: UInt64 = 0

  /// An attack with the paper's ten restarts.
  ///
  /// - Parameter pixels: The pixels that may be changed; nil for all.
  public init(_ shape: ImageShape, pixels: [Int]? = nil) {
    self.shape = shape
    self.pixels = pixels
  }

  /// Attacks one picture.
  ///
  /// - Parameters:
  ///   - victim: Who decides during the attack.
  ///   - judge: Who decides whether a result is a success, such as the victim with other random numbers; nil for the victim.
  ///   - picture: Its numbers, as many as the shape has.
  ///   - label: Its class. Another decision, or none, is a success.
  ///   - number: Its number, for the random ones.
  ///   - others: Pictures to start from, [n, shape.count], with their classes; those of the picture's class are not used. Without
  ///     any, all starts are noise.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if settings or pictures do not fit; what the victim throws.
  public func attack(
    _ victim: PixelVictim, judge: PixelVictim? = nil, picture: [Float], label: Int, number: Int,
    others: (pictures: Matrix, labels: [Int])? = nil
  ) throws -> PixelAttackResult {
    let allowed = pixels ?? Array(0..<shape.pixelCount)
    guard picture.count == shape.count, !allowed.isEmpty, allowed.allSatisfy({ (0..<shape.pixelCount).contains($0) }),
      restarts >= 1, batch >= 1, !noise.isEmpty,
      others.map({ $0.pictures.columns == shape.count && $0.pictures.rows == $0.labels.count }) ?? true
    else {
      throw CopurError(
        .invalidArgument,
        "an attack has a restart, a picture a batch, a number of noise and a pixel of \(shape) pictures, and up")
    }
    var run = Run(self, victim: victim, label: label, original: picture)
    let judge = judge ?? victim
    let clean = try judge.decide(Matrix(rows: 1, columns: picture.count, values: picture))[0]
    if clean != label {
      return PixelAttackResult(number: number, changed: [], picture: picture, decision: clean, evaluations: 0)
    }
    let candidates = others.map { others in others.labels.indices.filter { others.labels[$0] != label } } ?? []
    var best: (changed: [Int], picture: [Float], decision: Int?)?
    var generator = SeededGenerator(seed: seed, purpose: "pointwise attack on picture \(number)")
    for restart in 0..<restarts {
      try Task.checkCancellation()
      let order = generator.permutation(allowed.count).map { allowed[$0] }
      var start = picture
      if let others, !candidates.isEmpty, restart.isMultiple(of: 2) {
        let row = candidates[Int.random(in: candidates.indices, using: &generator)]
        start = Array(others.pictures[row: row])
      } else {
        for pixel in 0..<shape.pixelCount {
          // Salt and pepper: all channels of a pixel alike.
          let value = noise[Int.random(in: noise.indices, using: &generator)]
          for channel in 0..<shape.channels { start[pixel * shape.channels + channel] = value }
        }
      }
      guard try run.begin(at: start, order: order) else { continue }
      try run.reduce(using: &generator)
      let changed = run.changed
      guard changed.count < best?.changed.count ?? .max else { continue }
      let decision = try judge.decide(Matrix(rows: 1, columns: picture.count, values: run.current))[0]
      if decision != label { best = (changed, run.current, decision) }
    }
    return PixelAttackResult(
      number: number, changed: best?.changed, picture: best?.picture, decision: best?.decision,
      evaluations: run.evaluations)
  }

  /// An attack under way.
  private struct Run {
    let attack: PointwiseAttack
    let victim: PixelVictim
    let label: Int
    let original: [Float]
    var current: [Float]
    var evaluations = 0

    init(_ attack: PointwiseAttack, victim: PixelVictim, label: Int, original: [Float]) {
      self.attack = attack
      self.victim = victim
      self.label = label
      self.original = original
      current = original
    }

    /// The numbers of a pixel.
    private func numbers(_ pixel: Int) -> Range<Int> {
      pixel * attack.shape.channels..<(pixel + 1) * attack.shape.channels
    }

    /// The pixels that are not as they were, ascending.
    var changed: [Int] {
      (0..<attack.shape.pixelCount).filter { pixel in numbers(pixel).contains { current[$0] != original[$0] } }
    }

    /// Whether each picture fools.
    private mutating func fools(_ pictures: [[Float]]) throws -> [Bool] {
      evaluations += pictures.count
      let decisions = try victim.decide(
        Matrix(rows: pictures.count, columns: original.count, values: Array(pictures.joined())))
      return decisions.map { $0 != label }
    }

    /// Finds the fewest pixels of a start, in an order and in steps of about a half more, that fool.
    ///
    /// - Returns: Whether there are any; ``current`` is then that picture.
    mutating func begin(at start: [Float], order: [Int]) throws -> Bool {
      var counts: [Int] = []
      var count = min(4, order.count)
      while count < order.count {
        counts.append(count)
        count += (count + 1) / 2
      }
      counts.append(order.count)
      var picture = original
      var done = 0
      // A batch at a time, since most pictures are fooled by the first ones.
      for first in stride(from: 0, to: counts.count, by: attack.batch) {
        let pictures = counts[first..<min(first + attack.batch, counts.count)].map { count in
          for pixel in order[done..<count] { for index in numbers(pixel) { picture[index] = start[index] } }
          done = count
          return picture
        }
        if let index = try fools(pictures).firstIndex(of: true) {
          current = pictures[index]
          return true
        }
      }
      return false
    }

    /// Sets pixels back until none can be.
    mutating func reduce(using generator: inout SeededGenerator) throws {
      if attack.setsBackBlocks {
        var size = changed.count / 2
        while size >= 2 {
          let order = Self.shuffled(changed, using: &generator)
          try setBack(
            stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min($0 + size, order.count)]) })
          size /= 2
        }
      }
      while try setBack(Self.shuffled(changed, using: &generator).map { [$0] }) {}
    }

    private static func shuffled(_ pixels: [Int], using generator: inout SeededGenerator) -> [Int] {
      generator.permutation(pixels.count).map { pixels[$0] }
    }

    /// Tries groups of pixels in order, each on top of those set back before.
    ///
    /// A few groups ahead are judged at a time. Those before the first that can be set back were judged on the picture that
    /// they would have been judged on alone; those after it are judged again.
    ///
    /// - Returns: Whether any was set back.
    @discardableResult
    private mutating func setBack(_ groups: [[Int]]) throws -> Bool {
      var (next, ahead, isAny) = (0, 1, false)
      while next < groups.count {
        try Task.checkCancellation()
        let tried = groups[next..<min(next + ahead, groups.count)]
        let pictures = tried.map { group in
          var picture = current
          for pixel in group { for index in numbers(pixel) { picture[index] = original[index] } }
          return picture
        }
        if let index = try fools(pictures).firstIndex(of: true) {
          current = pictures[index]
          isAny = true
          next += index + 1
          ahead = index + 1
        } else {
          next += tried.count
          ahead *= 2
        }
        ahead = min(ahead, attack.batch)
      }
      return isAny
    }
  }
}
