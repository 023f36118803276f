public import CopurCore

/// Images of 28 × 28 grey pixels in ten classes, cut into four quadrants, one an agent.
public struct ImageDataset: DatasetKind {
  /// MNIST's place among the kinds.
  public static var mnistEntry: KindEntry<any DatasetKind> {
    KindEntry(
      Collection.mnist.rawValue, "Handwritten digits in four quadrants, one an agent.", ImageDataset(collection: .mnist)
    )
  }
  /// Fashion-MNIST's place among the kinds.
  public static var fashionMNISTEntry: KindEntry<any DatasetKind> {
    KindEntry(
      Collection.fashionMNIST.rawValue, "Articles of clothing in four quadrants, one an agent.",
      ImageDataset(collection: .fashionMNIST))
  }
  public static var settings: [Setting<ImageDataset>] {
    [
      .integer(
        "train_rows", \.trainRows, 1...1_000_000_000, "how many of the first training rows to train on; all if left out"
      ),
      .integer(
        "test_rows", \.testRows, 1...1_000_000_000, "how many of the first test rows to test on; all if left out"),
    ]
  }

  /// The collections of images.
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

  public var isPicture: Bool { true }
  public var kind: String { collection.rawValue }
  public var agents: [AgentID] { Self.agents }
  public var classNames: [String] { collection.classNames }

  /// The collection that the images are from.
  public var collection: Collection
  /// The number of the training file's first images to train on; nil for all 60000.
  public var trainRows: Int?
  /// The number of the test file's first images to test on; nil for all 10000.
  public var testRows: Int?

  /// All rows, where no number is given.
  public init(collection: Collection, trainRows: Int? = nil, testRows: Int? = nil) {
    self.collection = collection
    self.trainRows = trainRows
    self.testRows = testRows
  }

  /// The four files: images and labels for training, images and labels for testing.
  public func files(in directory: DataDirectory) throws -> [String] {
    try ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map { name in
      let path = "\(collection.rawValue)/\(name)-ubyte"
      return try directory.locate(["\(path).gz", path])
    }
  }
}

extension ImageDataset {
  /// All images of both collections.
  public static func listed(in directory: DataDirectory) -> [any DatasetKind] {
    Collection.allCases.map { ImageDataset(collection: $0) }
  }

  private enum CodingKeys: String, CodingKey {
    case trainRows = "train_rows"
    case testRows = "test_rows"
  }

  public init(kind: String, from decoder: any Decoder) throws {
    guard let collection = Collection(rawValue: kind) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "images are of mnist or fashion-mnist (actual: \"\(kind)\")"
        ))
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      collection: collection, trainRows: try container.decodeIfPresent(Int.self, forKey: .trainRows),
      testRows: try container.decodeIfPresent(Int.self, forKey: .testRows))
  }

  /// - Throws: Always: which images they are stands beside the options, in `kind`.
  public init(from decoder: any Decoder) throws { try self.init(kind: "", from: decoder) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(trainRows, forKey: .trainRows)
    try container.encodeIfPresent(testRows, forKey: .testRows)
  }
}
