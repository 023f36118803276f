internal import CopurCore

/// Pictures in four IDX files: images of 3 dimensions (grey) or 4 (channels last), labels of one.
struct IDXPictures: Sendable {
  let trainImages: String
  let trainLabels: String
  let testImages: String
  let testLabels: String

  var paths: [String] { [trainImages, trainLabels, testImages, testLabels] }

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - shape: The extents that the images have to have; nil for any, but all of one.
  ///   - classes: The name of each class; nil to take numbers.
  ///   - digest: The files' content is added to it.
  /// - Throws: ``CopurError``: `.invalidData`, with file and offset, if a file breaks its format; `.invalidArgument` if
  ///   a limit does not fit.
  func read(
    shape: PictureShape? = nil, classes: [String]?, trainRows: Int?, testRows: Int?, digest: borrowing DatasetDigest
  ) throws -> PictureParts {
    let train = try Self.part(
      images: trainImages, labels: trainLabels, shape: shape, classes: classes?.count,
      limit: RowLimit(option: "train_rows", count: trainRows), digest: digest)
    let test = try Self.part(
      images: testImages, labels: testLabels, shape: train.shape, classes: classes?.count,
      limit: RowLimit(option: "test_rows", count: testRows), digest: digest)
    return PictureParts(train: train, test: test, classes: classes)
  }

  private static func part(
    images imagesPath: String, labels labelsPath: String, shape expected: PictureShape?, classes: Int?, limit: RowLimit,
    digest: borrowing DatasetDigest
  ) throws -> LabelledPixels {
    let imageBytes = try FileBytes.read(imagesPath)
    // The fourth byte is the number of dimensions; one that is neither 3 nor 4 is an error of the file.
    let dimensionCount = imageBytes.count > 3 && imageBytes[3] == 4 ? 4 : 3
    let images = try IDXFile(file: imagesPath, bytes: imageBytes, dimensionCount: dimensionCount)
    let labelBytes = try FileBytes.read(labelsPath)
    let labels = try IDXFile(file: labelsPath, bytes: labelBytes, dimensionCount: 1)
    digest.add(imageBytes)
    digest.add(labelBytes)

    let shape = PictureShape(
      rows: images.dimensions[1], columns: images.dimensions[2],
      channels: dimensionCount == 4 ? images.dimensions[3] : 1)
    if let expected, shape != expected {
      throw CopurError(.invalidData, "\(imagesPath): an image is \(expected) pixels (actual: \(shape))")
    }
    _ = try shape.checked(in: imagesPath)
    let available = images.dimensions[0]
    guard labels.dimensions[0] == available else {
      throw CopurError(
        .invalidData, "\(labelsPath): as many labels as images (images: \(available), labels: \(labels.dimensions[0]))")
    }
    if let classes, let wrong = labels.elements.firstIndex(where: { Int($0) >= classes }) {
      throw CopurError(
        .invalidData,
        "\(labelsPath): a label is 0 to \(classes - 1) (actual: \(labels.elements[wrong]), offset \(wrong))")
    }
    let count = try limit.checked(in: imagesPath, available: available)
    return LabelledPixels(
      pixels: PixelRows(width: shape.valueCount, bytes: images.elements),
      labels: labels.elements.prefix(count).map(Int.init), shape: shape)
  }
}
