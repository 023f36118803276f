import CopurImages
import CopurLearning
import CopurNumerics
import Testing

@Suite("Attacks on pictures")
struct PictureAttackTests {
  static let columns = 12
  static let radius: Float = 0.1
  static let shape = ImageShape(rows: 2, columns: 3, channels: 2)

  private func victim(classes: Int = 2, draws: Int = 1, noise: Float = 0, scale: Float = 1) -> LinearPictureVictim {
    var generator = SeededGenerator(seed: 8)
    return LinearPictureVictim(
      weights: generator.normalMatrix(rows: Self.columns, columns: classes, standardDeviation: scale), draws: draws,
      noise: noise)
  }

  /// The picture of the largest margin of two classes: each value as far as it may go.
  private func worst(_ pictures: Matrix, labels: [Int], _ victim: LinearPictureVictim) -> Matrix {
    var result = pictures
    for row in 0..<pictures.rows {
      for column in 0..<pictures.columns {
        let slope = victim.weights[column, 1 - labels[row]] - victim.weights[column, labels[row]]
        result[row, column] = min(max(pictures[row, column] + (slope > 0 ? Self.radius : -Self.radius), 0), 1)
      }
    }
    return result
  }

  private func isWithin(_ attacked: Matrix, _ pictures: Matrix) -> Bool {
    zip(attacked.values, pictures.values).allSatisfy { abs($0 - $1) <= Self.radius + 1e-6 && (0...1).contains($0) }
  }

  static let gradientAttacks: [any PictureAttack] = [
    SignAscent.single(AttackObjective(.meanLogit, .crossEntropy)),
    SignAscent(AttackObjective(.meanLogit, .margin), steps: 10),
    SignAscent(AttackObjective(.meanLogit, .crossEntropy), steps: 10, starts: 2),
    SignAscent(AttackObjective(.sumOfExponentials, .margin), steps: 7, startsAtRandom: false),
    AutoProjectedGradient(AttackObjective(.meanLogit, .crossEntropy), steps: 20),
    AutoProjectedGradient(AttackObjective(.meanProbability, .differenceOfLogitsRatio), steps: 20, starts: 2),
  ]

  @Test("gradient attacks on a linear victim end in the corner that is known", arguments: gradientAttacks.indices)
  func corner(number: Int) throws {
    let victim = victim()
    let pictures = LinearPictureVictim.pictures(9, columns: Self.columns, seed: 2)
    let numbers = Array(0..<9)
    let labels = victim.predictions(of: pictures, numbers: numbers, seed: 0)
    let attacked = try Self.gradientAttacks[number].attack(
      pictures, labels: labels, numbers: numbers, radius: Self.radius, against: victim, seed: 1)
    let corner = worst(pictures, labels: labels, victim)
    #expect(isWithin(attacked, pictures))
    #expect(zip(attacked.values, corner.values).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("with noise in each draw, several passes find nearly the same corner")
  func noisyCorner() throws {
    let victim = victim(draws: 4, noise: 0.5)
    let pictures = LinearPictureVictim.pictures(6, columns: Self.columns, seed: 3)
    let labels = [0, 1, 0, 1, 0, 1]
    let attack = SignAscent(AttackObjective(.meanLogit, .margin), steps: 10, passes: 2)
    let attacked = try attack.attack(
      pictures, labels: labels, numbers: Array(0..<6), radius: Self.radius, against: victim, seed: 1)
    let corner = worst(pictures, labels: labels, victim)
    let near = zip(attacked.values, corner.values).count { abs($0 - $1) < 1e-6 }
    #expect(isWithin(attacked, pictures) && near > 60, "\(near) of 72")
  }

  @Test("a picture's attack does not depend on the pictures beside it", arguments: [0, 1, 2])
  func independence(number: Int) throws {
    let victim = victim(classes: 3, draws: 3, noise: 0.3)
    let pictures = LinearPictureVictim.pictures(5, columns: Self.columns, seed: 4)
    let objective = AttackObjective(.meanLogit, .margin)
    let attack: any PictureAttack = [
      SignAscent(objective, steps: 5, starts: 2), AutoProjectedGradient(objective, steps: 8),
      SquareAttack(Self.shape, queries: 20),
    ][number]
    let labels = [0, 2, 1, 1, 0]
    let numbers = [10, 4, 7, 1, 3]
    let all = try attack.attack(pictures, labels: labels, numbers: numbers, radius: 0.1, against: victim, seed: 6)
    let alone = try attack.attack(
      pictures.selecting(rows: [2]), labels: [1], numbers: [7], radius: 0.1, against: victim, seed: 6)
    #expect(Array(all[row: 2]) == alone.values)
    // Of a search that is random itself the result follows from the seed; the others end in one corner whatever the
    // start.
    guard attack is SquareAttack else { return }
    let other = try attack.attack(
      pictures.selecting(rows: [2]), labels: [1], numbers: [7], radius: 0.1, against: victim, seed: 7)
    #expect(other.values != alone.values)
  }

  @Test("the Square attack grows the margin with its queries, and stays within bounds")
  func square() throws {
    let victim = victim(classes: 3)
    let pictures = LinearPictureVictim.pictures(8, columns: Self.columns, seed: 5)
    let numbers = Array(0..<8)
    let labels = victim.predictions(of: pictures, numbers: numbers, seed: 0)
    let objective = AttackObjective(.meanLogit, .margin)
    func values(_ pictures: Matrix) -> [Float] {
      objective(victim.logits(of: pictures, numbers: numbers, passes: 1, seed: 0), labels: labels, draws: 1).values
    }
    let before = values(pictures)
    var sums: [Float] = [before.reduce(0, +)]
    for queries in [1, 30, 300] {
      let attacked = try SquareAttack(Self.shape, queries: queries).attack(
        pictures, labels: labels, numbers: numbers, radius: Self.radius, against: victim, seed: 2)
      #expect(isWithin(attacked, pictures))
      let after = values(attacked)
      #expect(zip(before, after).allSatisfy { $0 <= $1 })
      sums.append(after.reduce(0, +))
    }
    #expect(sums[0] < sums[2] && sums[2] < sums[3], "\(sums)")
    // No attack passes the corner of the gradient, which for a margin of three classes is one of two.
    let best = try SignAscent(objective, steps: 40, starts: 8).attack(
      pictures, labels: labels, numbers: numbers, radius: Self.radius, against: victim, seed: 2)
    #expect(sums[3] <= values(best).reduce(0, +) + 1e-4)
    #expect(sums[3] - sums[0] > 0.7 * (values(best).reduce(0, +) - sums[0]))
  }

  @Test("squares become smaller on the authors' schedule")
  func squareSides() {
    let attack = SquareAttack(ImageShape(rows: 28, columns: 28, channels: 1), queries: 10_000)
    // √(0.8 · 784) is 25, and the area is halved after queries 10, 50, 200, …, 8000.
    #expect([0, 10, 11, 51, 201, 8001, 9999].map { attack.side(query: $0) } == [25, 25, 18, 13, 9, 1, 1])
    let short = SquareAttack(ImageShape(rows: 28, columns: 28, channels: 1), queries: 100)
    #expect(short.side(query: 0) == 25 && short.side(query: 99) == 1)
  }

  @Test("APGD halves its steps where the objective stops growing, and comes to a peak within the ball")
  func halving() throws {
    let pictures = Matrix(rows: 4, columns: Self.columns, repeating: 0.5)
    var generator = SeededGenerator(seed: 7)
    var peaks = pictures
    for index in peaks.values.indices { peaks.values[index] += generator.uniform(-0.07, 0.07) }
    let victim = PeakedPictureVictim(peaks: peaks)
    let attacked = try AutoProjectedGradient(AttackObjective(.meanLogit, .margin), steps: 100).attack(
      pictures, labels: [0, 0, 0, 0], numbers: [0, 1, 2, 3], radius: Self.radius, against: victim, seed: 1)
    // With steps of 2ε throughout a value would be off by a good part of ε.
    let off = zip(attacked.values, peaks.values).map { abs($0 - $1) }
    #expect(off.allSatisfy { $0 < 0.2 * Self.radius } && off.reduce(0, +) / Float(off.count) < 0.05 * Self.radius)
  }

  @Test("the checkpoints of APGD are the paper's")
  func checkpoints() {
    #expect(AutoProjectedGradient.checkpoints(steps: 100) == [22, 41, 57, 70, 80, 87, 93, 99])
    #expect(AutoProjectedGradient.checkpoints(steps: 3) == [1, 2, 3])
  }

  @Test("through the reference code's aggregation nothing moves, with a finite objective all does")
  func masking() throws {
    // Eight draws with logits some units apart, as of any trained classifier.
    let victim = victim(draws: 8, noise: 0.05, scale: 2)
    let pictures = LinearPictureVictim.pictures(20, columns: Self.columns, seed: 9)
    let numbers = Array(0..<20)
    let sure = victim.logits(of: pictures, numbers: numbers, passes: 1, seed: 0)
    let confident = numbers.filter { abs(sure[8 * $0, 0] - sure[8 * $0, 1]) > 2 && sure[row: 8 * $0].max() ?? 0 > 1.5 }
    try #require(confident.count > 5)
    let chosen = pictures.selecting(rows: confident)
    let labels = victim.predictions(of: chosen, numbers: confident, seed: 0)
    func attacked(_ attack: any PictureAttack) throws -> Matrix {
      try attack.attack(chosen, labels: labels, numbers: confident, radius: 0.03, against: victim, seed: 1)
    }
    for loss in [AttackObjective.Loss.crossEntropy, .differenceOfLogitsRatio] {
      let objective = AttackObjective(.reference, loss)
      #expect(try attacked(SignAscent(objective, steps: 5, passes: 2)) == chosen)
      #expect(try attacked(AutoProjectedGradient(objective, steps: 5, passes: 2)) == chosen)
      #expect(try attacked(SignAscent.single(objective)) == chosen)
    }
    let moved = try attacked(SignAscent(AttackObjective(.sumOfExponentials, .margin), steps: 5))
    #expect(confident.indices.allSatisfy { moved[row: $0] != chosen[row: $0] })
  }

  @Test("a transferred attack is that on its source")
  func transfer() throws {
    let (source, victim) = (victim(scale: 0.7), victim(classes: 2, draws: 3, noise: 0.2))
    let pictures = LinearPictureVictim.pictures(4, columns: Self.columns, seed: 1)
    let attack = SignAscent(AttackObjective(.meanLogit, .margin), steps: 5)
    let transferred = try TransferAttack(attack, on: source).attack(
      pictures, labels: [0, 1, 1, 0], numbers: [0, 1, 2, 3], radius: 0.1, against: victim, seed: 3)
    let direct = try attack.attack(
      pictures, labels: [0, 1, 1, 0], numbers: [0, 1, 2, 3], radius: 0.1, against: source, seed: 3)
    #expect(transferred == direct)
  }
}
