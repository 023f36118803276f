import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics

/// Pictures of 8 × 8 with a bright bar, whose place is the class, on noise.
enum SmallPictures {
  static let shape = ImageShape(rows: 8, columns: 8, channels: 1)
  static let classes = 3

  static func rows(_ count: Int, seed: UInt64) -> LabelledRows {
    var generator = SeededGenerator(seed: seed)
    var pictures = Matrix(rows: count, columns: shape.count)
    let labels = (0..<count).map { $0 % classes }
    for row in 0..<count {
      for line in 0..<8 {
        for column in 0..<8 {
          let isBright = column / 2 == labels[row] + line % 2
          pictures[row, line * 8 + column] = generator.uniform(0, 0.4) + (isBright ? 0.5 : 0)
        }
      }
    }
    return LabelledRows(features: pictures, labels: labels)
  }

  static let classifierWidths = PictureClassifier.Widths(channels: [4, 6], hidden: [8])
  static let purifierWidths = Purifier.Widths(
    inputChannels: [2, 3], halvings: 1, representation: 8, code: 4, decoderChannels: [6, 4])

  /// An untrained classifier and purifier.
  static func untrained(seed: UInt64, pictures: Matrix) throws -> (PictureClassifier, Purifier) {
    var generator = SeededGenerator(seed: seed)
    let classifier = try PictureClassifier(shape, classes: classes, widths: classifierWidths, using: &generator)
    let purifier = try Purifier(for: classifier, widths: purifierWidths, pictures: pictures, using: &generator)
    return (classifier, purifier)
  }
}
