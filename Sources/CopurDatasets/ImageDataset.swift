public import CopurCore

/// Images of 28 × 28 grey pixels in ten classes, cut into four quadrants, one an agent.
public struct ImageDataset: Hashable, Sendable {
  /// Which images.
  public enum Collection: String, Hashable, Sendable, Codable, CaseIterable {
    /// Handwritten digits (LeCun et al.).
    case mnist
    /// Articles of clothing (Xiao et al. 2017), Debian's package `dataset-fashion-mnist`.
    case fashionMNIST = "fashion-mnist"

    /// The name of each class; labels count from 0.
    public var classNames: [String] {
      switch self {
      case .mnist: (0...9).map(String.init)
      case .fashionMNIST:
        [
          "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ]
      }
    }
  }

  /// The four agents, each with 14 × 14 pixels.
  public static let agents = Quadrant.allCases.map(\.agent)

  /// Which images.
  public var collection: Collection
  /// How many of the training file's first images to train on; nil for all 60000.
  public var trainRows: Int?
  /// How many of the test file's first images to test on; nil for all 10000.
  public var testRows: Int?

  /// All rows, where no number is given.
  public init(collection: Collection, trainRows: Int? = nil, testRows: Int? = nil) {
    self.collection = collection
    self.trainRows = trainRows
    self.testRows = testRows
  }

  /// The four files: images and labels for training, images and labels for testing.
  func files(in directory: DataDirectory) throws -> [String] {
    try ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map { name in
      let path = "\(collection.rawValue)/\(name)-ubyte"
      return try directory.locate(["\(path).gz", path])
    }
  }
}

extension ImageDataset {
  private enum CodingKeys: String, CodingKey {
    case trainRows = "train_rows"
    case testRows = "test_rows"
  }

  init(collection: Collection, from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      collection: collection, trainRows: try container.decodeIfPresent(Int.self, forKey: .trainRows),
      testRows: try container.decodeIfPresent(Int.self, forKey: .testRows))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(trainRows, forKey: .trainRows)
    try container.encodeIfPresent(testRows, forKey: .testRows)
  }
}
