internal import CopurCore

/// Pictures in an NPZ archive, under the names of Keras's `mnist.npz` or of MedMNIST.
struct NumpyPictures: Sendable {
  /// The archive.
  let path: String

  /// The names of the four arrays.
  private struct Names {
    let trainImages: String
    let trainLabels: String
    let testImages: String
    let testLabels: String

    var all: [String] { [trainImages, trainLabels, testImages, testLabels] }
  }

  private static let known = [
    Names(trainImages: "x_train", trainLabels: "y_train", testImages: "x_test", testLabels: "y_test"),
    Names(
      trainImages: "train_images", trainLabels: "train_labels", testImages: "test_images", testLabels: "test_labels"),
  ]

  /// The most classes where no names of classes are given.
  private static let classLimit = 1 << 16

  /// Reads the archive; other arrays in it are not looked at.
  ///
  /// - Parameters:
  ///   - classes: The name of each class; nil to take numbers.
  ///   - digest: The file's content is added to it.
  /// - Throws: ``CopurError``: `.invalidData`, with file, array and value, if the archive breaks its format;
  ///   `.invalidArgument` if a limit does not fit.
  func read(
    classes: [String]?, trainRows: Int?, testRows: Int?, digest: borrowing DatasetDigest
  ) throws -> PictureParts {
    let bytes = try FileBytes.read(path)
    digest.add(bytes)
    let archive = try NumpyArchive(file: path, bytes: bytes, only: Set(Self.known.flatMap(\.all)))
    guard let names = Self.known.first(where: { $0.all.allSatisfy { archive.arrays[$0] != nil } }) else {
      throw CopurError(
        .invalidData,
        "\(path): an archive of images has the arrays "
          + Self.known.map { $0.all.joined(separator: ", ") }.joined(separator: " or ")
          + " (actual: \(archive.names.sorted().joined(separator: ", ")))")
    }
    let train = try part(
      of: archive, images: names.trainImages, labels: names.trainLabels, shape: nil, classes: classes?.count,
      limit: RowLimit(option: "train_rows", count: trainRows))
    let test = try part(
      of: archive, images: names.testImages, labels: names.testLabels, shape: train.shape, classes: classes?.count,
      limit: RowLimit(option: "test_rows", count: testRows))
    return PictureParts(train: train, test: test, classes: classes)
  }

  private func part(
    of archive: NumpyArchive, images imagesName: String, labels labelsName: String, shape expected: PictureShape?,
    classes: Int?, limit: RowLimit
  ) throws -> LabelledPixels {
    // The caller has found both.
    guard let images = archive.arrays[imagesName], let labels = archive.arrays[labelsName] else {
      throw CopurError(.invalidData, "\(path): the archive has the arrays \(imagesName) and \(labelsName)")
    }
    let file = "\(path): \(imagesName)"
    guard [3, 4].contains(images.shape.count) else {
      throw CopurError(
        .invalidData,
        "\(file): images are an array of (n, rows, columns) or (n, rows, columns, channels) (actual: \(images.shape))")
    }
    let shape = try PictureShape(
      rows: images.shape[1], columns: images.shape[2], channels: images.shape.count == 4 ? images.shape[3] : 1
    ).checked(in: file)
    if let expected, shape != expected {
      throw CopurError(.invalidData, "\(file): an image is \(expected) pixels (actual: \(shape))")
    }
    let available = images.shape[0]
    let numbers = try self.labels(labels, name: labelsName, count: available, classes: classes)
    let count = try limit.checked(in: file, available: available)
    return LabelledPixels(
      pixels: try pixels(of: images, file: file, width: shape.valueCount), labels: Array(numbers.prefix(count)),
      shape: shape)
  }

  private func pixels(of images: NumpyArray, file: String, width: Int) throws -> PixelRows {
    if let bytes = images.bytes { return PixelRows(width: width, bytes: bytes) }
    guard ["f4", "f8"].contains(images.elementType) else {
      throw CopurError(
        .invalidData,
        "\(file): images are bytes, u1, or numbers from 0 to 1, f4 or f8 (actual: \(images.elementType))")
    }
    let numbers = images.singles
    if let wrong = numbers.firstIndex(where: { !(0...1).contains($0) }) {
      throw CopurError(
        .invalidData,
        "\(file): numbers of images are from 0 to 1; only bytes are divided by 255 (actual: \(numbers[wrong]) in image "
          + "\(wrong / width))")
    }
    return PixelRows(width: width, numbers: numbers)
  }

  private func labels(_ array: NumpyArray, name: String, count: Int, classes: Int?) throws -> [Int] {
    guard array.shape == [count] || array.shape == [count, 1] else {
      throw CopurError(
        .invalidData, "\(path): \(name): a label an image, (\(count)) or (\(count), 1) (actual: \(array.shape))")
    }
    let highest = (classes ?? Self.classLimit) - 1
    return try array.values.enumerated().map { row, value in
      guard let label = Int(exactly: value), label >= 0, label <= highest else {
        throw CopurError(
          .invalidData, "\(path): \(name): a label is 0 to \(highest) (actual: \(value) of image \(row))")
      }
      return label
    }
  }
}
