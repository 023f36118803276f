import CopurCore
import CopurDatasets
import CopurNumerics
import Testing

struct ImageDatasetTests {
  private static let trainImages = "mnist/train-images-idx3-ubyte"
  private static let trainLabels = "mnist/train-labels-idx1-ubyte"

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func header(_ dimensions: [Int]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)]
      + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  }

  /// Three images; pixel (r, c) of image n is 28·r + c + n modulo 256.
  private static let images = (0..<3).flatMap { image in (0..<784).map { UInt8(truncatingIfNeeded: $0 + image) } }

  private func writeAll() throws {
    for (images, labels) in [
      (Self.trainImages, Self.trainLabels), ("mnist/t10k-images-idx3-ubyte", "mnist/t10k-labels-idx1-ubyte"),
    ] {
      try folder.write(Self.header([3, 28, 28]) + Self.images, to: images)
      try folder.write(Self.header([3]) + [7, 0, 9], to: labels)
    }
  }

  private func load(_ images: ImageDataset = ImageDataset(collection: .mnist)) throws -> Dataset {
    try DatasetSource(images).load(from: folder.directory)
  }

  @Test("Four agents hold the quadrants")
  func quadrants() throws {
    try writeAll()
    let data = try load(ImageDataset(collection: .mnist, trainRows: 2))
    #expect(data.name == "mnist")
    #expect(data.roster.agents.map(\.name) == ["top-left", "top-right", "bottom-left", "bottom-right"])
    #expect(data.roster.layout.widths == [196, 196, 196, 196])
    #expect(data.train.labels == [7, 0])
    #expect(data.test.labels == [7, 0, 9])
    #expect(data.classNames == (0...9).map(String.init))
    for (agent, row, column) in [(0, 0, 0), (1, 0, 14), (2, 14, 0), (3, 14, 14)] {
      let first = agent * 196
      #expect(data.featureNames[first] == "pixel:\(row):\(column)")
      // The quadrant's second row starts 14 features on and 28 pixels on.
      for (feature, pixel) in [(first, 28 * row + column), (first + 14, 28 * (row + 1) + column)] {
        #expect(data.train.features[1, feature] == Float((pixel + 1) % 256) / 255)
      }
    }
  }

  @Test(
    "What breaks the format is named by file and offset",
    arguments: [
      (trainImages, header([3, 28, 28]) + images.dropLast(), "the elements are cut off at offset 2367"),
      (trainImages, header([3, 28, 28]) + images + [1], "the elements end at offset 2368"),
      (trainImages, Array(header([3, 28, 28])[..<9]), "the header is cut off at offset 9"),
      (trainImages, [0, 0, 9, 3] + header([3, 28, 28])[4...] + images, "begins with 0 0 8 3 (actual: 0 0 9 3"),
      (trainImages, header([1 << 31, 1 << 31, 1 << 31]), "the elements are cut off at offset 16"),
      (trainImages, header([4, 28, 21]) + images, "an image is 28 × 28 pixels (actual: 28 × 21)"),
      (trainImages, header([0, 28, 28]), "as many labels as images (images: 0, labels: 3)"),
      (trainLabels, header([2]) + [1, 2], "as many labels as images (images: 3, labels: 2)"),
      (trainLabels, header([3]) + [1, 10, 2], "a label is 0 to 9 (actual: 10, offset 9)"),
    ] as [(String, [UInt8], String)])
  func broken(file: String, bytes: [UInt8], message: String) throws {
    try writeAll()
    try folder.write(bytes, to: file)
    let error = #expect(throws: CopurError.self) { try load() }
    #expect(error?.code == .invalidData)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.hasPrefix("\(folder.path)/mnist/train-") == true)
  }

  @Test("More rows than there are, or none", arguments: [0, -1, 4])
  func limits(rows: Int) throws {
    try writeAll()
    let error = #expect(throws: CopurError.self) { try load(ImageDataset(collection: .mnist, trainRows: rows)) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("train_rows is 1 to 3 (actual: \(rows))") == true)
  }

  @Test(
    "Fashion-MNIST as published",
    .enabled(if: TestData.hasImages(.fashionMNIST), "needs Debian's package dataset-fashion-mnist"))
  func fashion() throws {
    let source = DatasetSource(ImageDataset(collection: .fashionMNIST, trainRows: 500))
    let data = try source.load(from: TestData.directory)
    #expect(data.train.count == 500)
    #expect(data.test.count == 10_000)
    #expect((0..<10).allSatisfy { label in data.test.labels.count { $0 == label } == 1000 })
    #expect(data.train.labels.first.map { data.classNames[$0] } == "Ankle boot")
    #expect(data.train.features.values.allSatisfy { (0...1).contains($0) })
  }

  @Test(
    "MNIST as published", .enabled(if: TestData.hasImages(.mnist), "needs MNIST: set COPUR_DATA"))
  func mnist() throws {
    let data = try DatasetSource(ImageDataset(collection: .mnist)).load(from: TestData.directory)
    #expect(data.train.count == 60_000)
    #expect(data.train.labels.prefix(5) == [5, 0, 4, 1, 9])
    #expect(data.test.labels.prefix(5) == [7, 2, 1, 0, 4])
  }
}
