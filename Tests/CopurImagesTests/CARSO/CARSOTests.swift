import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Testing

@Suite("CARSO")
struct CARSOTests {
  private func pipeline(draws: Int = 3) throws -> (CARSO, Matrix) {
    let rows = SmallPictures.rows(7, seed: 1)
    let (classifier, purifier) = try SmallPictures.untrained(seed: 6, pictures: rows.features)
    return (CARSO(classifier: classifier, purifier: purifier, draws: draws), rows.features)
  }

  @Test("the gradient through everything is that of central differences", arguments: [1, 2])
  func gradient(passes: Int) throws {
    let (carso, pictures) = try pipeline()
    let some = pictures.selecting(rows: 0..<3)
    let objective = AttackObjective(.meanLogit, .crossEntropy)
    let labels = [0, 2, 1]
    let loss = { (logits: Matrix) in objective(logits, labels: labels, draws: 3) }
    let (values, gradient) = carso.gradient(of: some, numbers: [0, 1, 2], passes: passes, seed: 4, loss: loss)
    func value(_ pictures: Matrix) -> Double {
      let logits = carso.logits(of: pictures, numbers: [0, 1, 2], passes: passes, seed: 4)
      return loss(logits).values.reduce(0.0) { $0 + Double($1) }
    }
    #expect(abs(value(some) - values.reduce(0.0) { $0 + Double($1) }) < 1e-5)
    var generator = SeededGenerator(seed: 3)
    for row in 0..<3 {
      for _ in 0..<6 {
        var direction = Matrix(rows: 3, columns: some.columns)
        for column in 0..<some.columns { direction[row, column] = generator.next() & 1 == 0 ? 1 : -1 }
        func moved(_ step: Float) -> Double {
          var moved = some
          moved.add(direction, scale: step)
          return value(moved)
        }
        let step: Float = 1e-3
        let numeric = (moved(step) - moved(-step)) / Double(2 * step)
        let analytic = zip(gradient.values, direction.values).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        #expect(abs(analytic - numeric) < 2e-3 + 0.03 * abs(numeric), "\(analytic), \(numeric)")
      }
    }
  }

  @Test("the gradient by one picture is not that by another")
  func separation() throws {
    let (carso, pictures) = try pipeline()
    let objective = AttackObjective(.meanLogit, .margin)
    let all = carso.gradient(of: pictures, numbers: Array(0..<7), passes: 2, seed: 4) {
      objective($0, labels: [0, 1, 2, 0, 1, 2, 0], draws: 3)
    }
    let alone = carso.gradient(of: pictures.selecting(rows: [3]), numbers: [3], passes: 2, seed: 4) {
      objective($0, labels: [0], draws: 3)
    }
    #expect(Array(all.gradient[row: 3]) == alone.gradient.values && all.values[3] == alone.values[0])
  }

  @Test("a picture is judged alike alone and in a batch, and its draws follow from its number")
  func determinism() throws {
    let (carso, pictures) = try pipeline(draws: 8)
    let numbers = [11, 5, 8, 2, 40, 1, 3]
    let all = carso.logits(of: pictures, numbers: numbers, passes: 1, seed: 4)
    let predictions = carso.predictions(of: pictures, numbers: numbers, seed: 4)
    for row in 0..<7 {
      let one = pictures.selecting(rows: [row])
      let alone = carso.logits(of: one, numbers: [numbers[row]], passes: 1, seed: 4)
      #expect(Array(all.values[row * 24..<(row + 1) * 24]) == alone.values)
      #expect(carso.predictions(of: one, numbers: [numbers[row]], seed: 4) == [predictions[row]])
    }
    let one = pictures.selecting(rows: [0])
    #expect(carso.logits(of: one, numbers: [12], passes: 1, seed: 4).values != Array(all.values[..<24]))
    #expect(carso.logits(of: one, numbers: [11], passes: 1, seed: 5).values != Array(all.values[..<24]))
    // More passes begin with the draws of fewer.
    let two = carso.logits(of: one, numbers: [11], passes: 2, seed: 4)
    #expect(Array(two.values[..<24]) == Array(all.values[..<24]) && two.rows == 16)
  }

  @Test("purified pictures are pictures, and differ from draw to draw")
  func purified() throws {
    let (carso, pictures) = try pipeline()
    let purified = carso.purify(pictures, numbers: Array(0..<7), count: 2, seed: 1)
    #expect(purified.rows == 14 && purified.columns == 64)
    #expect(purified.values.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(purified[row: 0] != purified[row: 1])
  }

  @Test("a classifier's parts fit pictures of any extents that are multiples of 4, and of several channels")
  func shapes() throws {
    var generator = SeededGenerator(seed: 1)
    for shape in [ImageShape(rows: 28, columns: 28, channels: 1), ImageShape(rows: 12, columns: 8, channels: 3)] {
      let pictures = Matrix(rows: 2, columns: shape.count, repeating: 0.5)
      let classifier = try PictureClassifier(shape, classes: 10, using: &generator)
      let purifier = try Purifier(for: classifier, pictures: pictures, using: &generator)
      let carso = CARSO(classifier: classifier, purifier: purifier)
      #expect(carso.logits(of: pictures, numbers: [0, 1], passes: 1, seed: 0).isFinite)
      #expect(classifier.preactivations.count == 4)
    }
    #expect(throws: ArchitectureError.self) {
      _ = try PictureClassifier(ImageShape(rows: 6, columns: 8, channels: 1), classes: 2, using: &generator)
    }
  }
}
