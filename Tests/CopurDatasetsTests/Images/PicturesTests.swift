import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

@Suite("Whole pictures from files")
struct PicturesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func load(_ name: String, trainRows: Int? = nil, testRows: Int? = nil) throws -> Pictures {
    try Pictures.load(named: name, in: folder.directory, trainRows: trainRows, testRows: testRows)
  }

  private func expect(_ message: String, _ code: CopurError.Code = .invalidData, of name: String) {
    let error = #expect(throws: CopurError.self) { try load(name) }
    #expect(error?.code == code && error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  // MARK: IDX

  @Test("IDX files of another size than MNIST's, packed or not")
  func idx() throws {
    try folder.writeGzip(
      ImageFixtures.idx([2, 2, 3], Array(0..<12).map { $0 * 20 }), to: "small/train-images-idx3-ubyte.gz")
    try folder.write(ImageFixtures.idx([2], [1, 0]), to: "small/train-labels-idx1-ubyte")
    try folder.write(ImageFixtures.idx([1, 2, 3], [255, 0, 0, 0, 0, 51]), to: "small/t10k-images-idx3-ubyte")
    try folder.write(ImageFixtures.idx([1], [2]), to: "small/t10k-labels-idx1-ubyte")
    let pictures = try load("small")
    #expect((pictures.rows, pictures.columns, pictures.channels) == (2, 3, 1) && pictures.name == "small")
    #expect(pictures.train.labels == [1, 0] && pictures.test.labels == [2] && pictures.classNames == ["0", "1", "2"])
    #expect(pictures.train.features.values == (0..<12).map { Float($0 * 20) / 255 })
    #expect(pictures.test.features.values == [1, 0, 0, 0, 0, 0.2])
    // By its path alone, without a data folder; the digest is of the content, not of the place.
    let elsewhere = try Pictures.load(named: "\(folder.path)/small", in: DataDirectory(roots: []))
    #expect(elsewhere.digest == pictures.digest)
    #expect(try load("small", trainRows: 1).digest != pictures.digest)
    #expect(try load("small", trainRows: 1).train.labels == [1])
  }

  @Test("IDX files with colours, and test images of another size")
  func idxColors() throws {
    try folder.write(ImageFixtures.idx([1, 1, 2, 3], [255, 0, 0, 0, 0, 255]), to: "c/train-images-idx4-ubyte")
    try folder.write(ImageFixtures.idx([1], [0]), to: "c/train-labels-idx1-ubyte")
    try folder.write(ImageFixtures.idx([1, 1, 2, 3], [0, 255, 0, 0, 0, 0]), to: "c/t10k-images-idx4-ubyte")
    try folder.write(ImageFixtures.idx([1], [0]), to: "c/t10k-labels-idx1-ubyte")
    let pictures = try load("c")
    #expect((pictures.rows, pictures.columns, pictures.channels) == (1, 2, 3))
    // Red in the first pixel, blue in the second.
    #expect(pictures.train.features.values == [1, 0, 0, 0, 0, 1])
    try folder.write(ImageFixtures.idx([1, 2, 1, 3], [0, 255, 0, 0, 0, 0]), to: "c/t10k-images-idx4-ubyte")
    expect("an image is 1 × 2 × 3 pixels (actual: 2 × 1 × 3)", of: "c")
  }

  @Test("IDX files that claim more than they may, or are not there")
  func idxErrors() throws {
    try folder.write(ImageFixtures.idx([0, 65535, 65535], []), to: "c/train-images-idx3-ubyte")
    try folder.write(ImageFixtures.idx([0], []), to: "c/train-labels-idx1-ubyte")
    try folder.write(ImageFixtures.idx([0, 1, 1], []), to: "c/t10k-images-idx3-ubyte")
    expect("(missing: t10k-labels-idx1-ubyte)", .missingInput, of: "c")
    try folder.write(ImageFixtures.idx([0], []), to: "c/t10k-labels-idx1-ubyte")
    expect("1 to 1048576 values, rows × columns × channels (actual: 65535 × 65535 × 1)", of: "c")
    try folder.write(ImageFixtures.idx([0, 0, 7], []), to: "c/train-images-idx3-ubyte")
    expect("(actual: 0 × 7 × 1)", of: "c")
    expect("no file \"none\"", .missingInput, of: "none")
  }

  // MARK: NPZ

  private func archive(
    images: [UInt8] = ImageFixtures.npy("|u1", [2, 1, 2], [0, 51, 102, 255]),
    labels: [UInt8] = ImageFixtures.npy("|u1", [2], [1, 0]),
    others: [(name: String, content: [UInt8])] = []
  ) throws {
    try folder.write(
      ImageFixtures.npz(
        [
          ("x_train", images), ("y_train", labels), ("x_test", ImageFixtures.npy("|u1", [1, 1, 2], [255, 0])),
          ("y_test", ImageFixtures.npy("|u1", [1], [1])),
        ] + others), to: "a.npz")
  }

  @Test("An archive of bytes as of Keras, beside an array that is not looked at")
  func keras() throws {
    try archive(others: [("names", ImageFixtures.npy("<U4", [1], [UInt8](repeating: 0, count: 16)))])
    let pictures = try load("a.npz")
    #expect((pictures.rows, pictures.columns, pictures.channels) == (1, 2, 1) && pictures.name == "a")
    #expect(pictures.train.features.values == [0, 0.2, 0.4, 1] && pictures.train.labels == [1, 0])
    #expect(pictures.test.features.values == [1, 0] && pictures.test.labels == [1])
    #expect(try load("a.npz", trainRows: 1).train.features.values == [0, 0.2])
    #expect(throws: CopurError.self) { try load("a.npz", testRows: 2) }
  }

  @Test("An archive with channels and labels in a column as of MedMNIST")
  func medical() throws {
    try folder.write(
      ImageFixtures.npz([
        ("train_images", ImageFixtures.npy("|u1", [1, 1, 2, 3], [255, 0, 0, 0, 0, 255])),
        ("train_labels", ImageFixtures.npy("<i8", [1, 1], [3, 0, 0, 0, 0, 0, 0, 0])),
        ("val_images", ImageFixtures.npy("|u1", [0, 1, 2, 3], [])),
        ("test_images", ImageFixtures.npy("|u1", [1, 1, 2, 3], [0, 0, 0, 0, 255, 0])),
        ("test_labels", ImageFixtures.npy("|u1", [1, 1], [0])),
      ]), to: "med.npz")
    let pictures = try load("med.npz")
    #expect((pictures.rows, pictures.columns, pictures.channels) == (1, 2, 3))
    #expect(pictures.geometry == .grid(rows: 1, columns: 2, channels: 3))
    #expect(pictures.train.features.values == [1, 0, 0, 0, 0, 1] && pictures.train.labels == [3])
    #expect(pictures.classNames == ["0", "1", "2", "3"])
  }

  @Test("An archive of numbers")
  func numbers() throws {
    try archive(images: ImageFixtures.npy([2, 1, 2], [0, 0.25, 0.5, 1]))
    #expect(try load("a.npz").train.features.values == [0, 0.25, 0.5, 1])
  }

  @Test(
    "What is wrong with an archive is said",
    arguments: [
      (ImageFixtures.npy([2, 1, 2], [0, 1, 17, 0]), nil, "only bytes are divided by 255 (actual: 17.0 in image 1)"),
      (ImageFixtures.npy([2, 1, 2], [0, .nan, 1, 0]), nil, "(actual: nan in image 0)"),
      (
        ImageFixtures.npy("<i2", [2, 1, 2], [1, 0, 1, 0, 1, 0, 1, 0]), nil,
        "u1, or numbers from 0 to 1, f4 or f8 (actual: i2"
      ),
      (ImageFixtures.npy("|u1", [4, 1], [1, 2, 3, 4]), nil, "(n, rows, columns, channels) (actual: [4, 1])"),
      (ImageFixtures.npy("|u1", [0, 2048, 2048], []), nil, "1 to 1048576 values"),
      (ImageFixtures.npy("|u1", [2, 4_000_000_000, 4_000_000_000], []), nil, "an array has at most"),
      (nil, ImageFixtures.npy("|u1", [3], [1, 0, 0]), "a label an image, (2) or (2, 1) (actual: [3])"),
      (nil, ImageFixtures.npy([2], [0, 1.5]), "a label is 0 to 65535 (actual: 1.5 of image 1)"),
      (nil, ImageFixtures.npy("|i1", [2], [0, 255]), "a label is 0 to 65535 (actual: -1.0 of image 1)"),
    ] as [([UInt8]?, [UInt8]?, String)])
  func archiveErrors(images: [UInt8]?, labels: [UInt8]?, message: String) throws {
    switch (images, labels) {
    case (let images?, nil): try archive(images: images)
    case (nil, let labels?): try archive(labels: labels)
    default: try archive()
    }
    expect(message, of: "a.npz")
  }

  @Test("An archive without the four arrays says what it has")
  func otherArrays() throws {
    try folder.write(ImageFixtures.npz([("X", ImageFixtures.npy("|u1", [1], [0]))]), to: "a.npz")
    expect("x_train, y_train, x_test, y_test or train_images", of: "a.npz")
    expect("(actual: X)", of: "a.npz")
  }

  // MARK: PNG

  /// A picture of 2 × 2 pixels.
  private func grey(_ values: [UInt8]) -> [UInt8] {
    ImageFixtures.png(columns: 2, .grey, lines: [Array(values[..<2]), Array(values[2...])])
  }

  private func writeFolders() throws {
    try folder.write(grey([0, 51, 102, 255]), to: "p/train/cat/1.png")
    try folder.write(grey([255, 0, 0, 0]), to: "p/train/dog/1.PNG")
    try folder.write(grey([0, 255, 0, 0]), to: "p/test/dog/1.png")
    try folder.write("not looked at".utf8, to: "p/train/cat/notes.txt")
    try folder.write("nor that".utf8, to: "p/train/.DS_Store")
  }

  @Test("Grey PNG files by class")
  func greyFiles() throws {
    try writeFolders()
    let pictures = try load("p")
    #expect((pictures.rows, pictures.columns, pictures.channels) == (2, 2, 1))
    #expect(pictures.classNames == ["cat", "dog"] && pictures.train.labels == [0, 1] && pictures.test.labels == [1])
    #expect(pictures.train.features.values == [0, 0.2, 0.4, 1, 1, 0, 0, 0])
    #expect(pictures.test.features.values == [0, 1, 0, 0])
  }

  @Test("Classes are spread evenly, so that any run of rows has of each")
  func order() throws {
    for number in 0..<6 { try folder.write(grey([UInt8(number), 0, 0, 0]), to: "p/train/many/\(number).png") }
    for number in 0..<2 { try folder.write(grey([UInt8(number), 0, 0, 0]), to: "p/train/rare/\(number).png") }
    try folder.write(grey([0, 0, 0, 0]), to: "p/test/rare/0.png")
    let train = try load("p").train
    // The middles of six sixths and of two halves: 1, 3, 3, 5, 7, 9, 9 and 11 twelfths.
    #expect(train.labels == [0, 0, 1, 0, 0, 0, 1, 0])
    #expect((0..<8).map { (train.features[$0, 0] * 255).rounded() } == [0, 1, 0, 2, 3, 4, 1, 5])
    #expect(try load("p", trainRows: 3).train.labels == [0, 0, 1])
  }

  @Test("Colours, palettes, opacity, 16 bits and few bits")
  func pixelKinds() throws {
    try writeFolders()
    let colors: [([UInt8], [Float])] = [
      (
        ImageFixtures.png(columns: 2, .rgb, lines: [[255, 0, 0, 0, 51, 0], [0, 0, 255, 9, 9, 9]]),
        [255, 0, 0, 0, 51, 0, 0, 0, 255, 9, 9, 9]
      ),
      (
        ImageFixtures.png(
          columns: 2, .palette, depth: 1, lines: [[0b0100_0000], [0b1000_0000]], palette: [1, 2, 3, 200, 100, 50]),
        [1, 2, 3, 200, 100, 50, 200, 100, 50, 1, 2, 3]
      ),
      (
        // Opacity is dropped: a pixel that cannot be seen keeps its colour.
        ImageFixtures.png(
          columns: 2, .rgbAlpha, lines: [[255, 0, 0, 0, 0, 51, 0, 128], [1, 2, 3, 255, 4, 5, 6, 0]]),
        [255, 0, 0, 0, 51, 0, 1, 2, 3, 4, 5, 6]
      ),
      (
        ImageFixtures.png(
          columns: 2, .palette, lines: [[0, 1], [1, 0]], palette: [1, 2, 3, 200, 100, 50]),
        [1, 2, 3, 200, 100, 50, 200, 100, 50, 1, 2, 3]
      ),
      (
        // A stated gamma of 1 changes nothing.
        ImageFixtures.png(
          columns: 2, .grey, lines: [[7, 80], [90, 255]], before: [("gAMA", [0, 1, 0x86, 0xA0])]),
        [7, 7, 7, 80, 80, 80, 90, 90, 90, 255, 255, 255]
      ),
      (
        ImageFixtures.png(columns: 2, .greyAlpha, lines: [[7, 0, 80, 255], [90, 128, 255, 1]]),
        [7, 7, 7, 80, 80, 80, 90, 90, 90, 255, 255, 255]
      ),
      // 0x8080 of 0xFFFF is 128 of 255; 16 bits do not count as linear.
      (
        ImageFixtures.png(columns: 2, .grey, depth: 16, lines: [[0x80, 0x80, 0, 0], [0xFF, 0xFF, 0x12, 0x12]]),
        [128, 128, 128, 0, 0, 0, 255, 255, 255, 18, 18, 18]
      ),
      (
        ImageFixtures.png(columns: 2, .grey, depth: 2, lines: [[0b0001_0000], [0b1011_0000]]),
        [0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255]
      ),
    ]
    for (number, (file, _)) in colors.enumerated() { try folder.write(file, to: "p/test/cat/\(number).png") }
    let pictures = try load("p")
    // One file with colours gives all files three channels; a grey one has its value three times.
    #expect(
      pictures.channels == 3
        && pictures.train.features[row: 0].prefix(6).map { ($0 * 255).rounded() } == [0, 0, 0, 51, 51, 51])
    let cats = pictures.test.labels.indices.filter { pictures.test.labels[$0] == 0 }
    for (row, (_, expected)) in zip(cats, colors) {
      #expect(pictures.test.features[row: row].map { ($0 * 255).rounded() } == expected)
    }
    #expect(cats.count == colors.count)
  }

  @Test("Grey files with opacity stay grey")
  func greyAlpha() throws {
    try writeFolders()
    try folder.write(
      ImageFixtures.png(columns: 2, .greyAlpha, lines: [[51, 0, 0, 9], [255, 128, 0, 255]]), to: "p/test/cat/1.png")
    try folder.write(
      ImageFixtures.png(columns: 2, .grey, lines: [[51, 0], [255, 0]], before: [("tRNS", [0, 0])]),
      to: "p/test/cat/2.png")
    let pictures = try load("p")
    #expect(pictures.channels == 1 && pictures.test.labels == [0, 1, 0])
    #expect(pictures.test.features[row: 0].elementsEqual([0.2, 0, 1, 0]))
    #expect(pictures.test.features[row: 2].elementsEqual([0.2, 0, 1, 0]))
  }

  @Test("What is wrong with PNG files is said by file")
  func folderErrors() throws {
    try writeFolders()
    try folder.write(ImageFixtures.png(columns: 1, .grey, lines: [[1], [2]]), to: "p/train/dog/2.png")
    expect(
      "p/train/dog/2.png: images are of one size, 2 × 2 pixels as \(folder.path)/p/train/dog/1.PNG (actual: 2 × 1)",
      of: "p")
    try folder.write("GIF89a and more, over twenty-six bytes".utf8, to: "p/train/dog/2.png")
    expect("p/train/dog/2.png: a PNG file begins with its signature", of: "p")
    // A size of 2³¹ − 1 in both directions is refused before any memory is asked for.
    var huge = grey([0, 0, 0, 0])
    huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    try folder.write(huge, to: "p/train/dog/2.png")
    expect("p/train/dog/2.png: an image has 1 to 1048576 values", of: "p")
    try folder.write(grey([0, 0, 0, 0]), to: "p/train/dog/2.png")
    try folder.write(grey([0, 0, 0, 0]), to: "p/test/fish/1.png")
    expect("p/test/fish: a folder is named after one of the classes cat, dog", of: "p")
  }

  @Test("A class without PNG files, and folders without classes")
  func emptyFolders() throws {
    try writeFolders()
    try folder.write("".utf8, to: "p/train/emu/notes.txt")
    expect("p/train/emu: a class's folder has PNG files (actual: none)", of: "p")
    try folder.write("".utf8, to: "q/train/notes.txt")
    expect("q/train: a folder with a folder of PNG files a class", of: "q")
    try folder.write(grey([0, 0, 0, 0]), to: "r/train/cat/1.png")
    expect("r/test: a folder that can be listed", .missingInput, of: "r")
  }

  @Test("A PNG file that is cut off or damaged gives an error or a picture, and never traps")
  func damaged() throws {
    try folder.write(grey([255, 0, 0, 0]), to: "p/test/cat/1.png")
    let whole = ImageFixtures.png(
      columns: 2, .rgbAlpha, lines: [[255, 0, 0, 0, 0, 51, 0, 128], [1, 2, 3, 255, 4, 5, 6, 0]])
    for length in 0..<whole.count - 20 {
      try folder.write(whole[..<length], to: "p/train/cat/1.png")
      let error = #expect(throws: CopurError.self) { try load("p") }
      #expect(error?.message.contains("p/train/cat/1.png: ") == true)
    }
    for place in whole.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = whole
        changed[place] ^= change
        try folder.write(changed, to: "p/train/cat/1.png")
        let pictures = try? load("p")
        #expect(pictures?.train.features.values.allSatisfy { (0...1).contains($0) } != false)
      }
    }
  }

  // MARK: Named collections

  @Test("MNIST by its name is what four agents hold together")
  func named() throws {
    let images = (0..<2).flatMap { image in (0..<784).map { UInt8(truncatingIfNeeded: $0 * 3 + image) } }
    for part in ["train", "t10k"] {
      try folder.write(ImageFixtures.idx([2, 28, 28], images), to: "mnist/\(part)-images-idx3-ubyte")
      try folder.write(ImageFixtures.idx([2], [7, 0]), to: "mnist/\(part)-labels-idx1-ubyte")
    }
    let pictures = try load("mnist", trainRows: 1)
    #expect((pictures.rows, pictures.columns, pictures.channels) == (28, 28, 1) && pictures.classNames.count == 10)
    #expect(pictures.train.features.values == images[..<784].map { Float($0) / 255 } && pictures.train.labels == [7])
    let dataset = ImageDataset(collection: .mnist, trainRows: 1)
    #expect(try dataset.pictures(in: folder.directory).test.features == pictures.test.features)
    let split = try DatasetSource(dataset).load(from: folder.directory)
    #expect(split.digest == pictures.digest)
    #expect(
      split.roster.geometries == [FeatureGeometry](repeating: .grid(rows: 14, columns: 14, channels: 1), count: 4))
    // Value (r, c) of an agent is at 14 r + c of its block.
    for (agent, row, column) in [(0, 0, 0), (1, 0, 14), (2, 14, 0), (3, 14, 14)] {
      let whole = pictures.train.features[0, 28 * (row + 5) + column + 3]
      #expect(split.train.features[0, 196 * agent + 14 * 5 + 3] == whole)
    }
  }
}
