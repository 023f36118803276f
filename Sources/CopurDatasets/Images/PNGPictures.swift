internal import CopurCore

/// Pictures in the folders `train` and `test`, each with a folder of PNG files a class.
struct PNGPictures: Sendable {
  let train: PNGFolder
  let test: PNGFolder

  /// The most bytes that one file may have.
  private static let fileLimit = 1 << 26

  /// - Throws: As ``PNGFolder/init(_:)``.
  init(_ folder: String) throws {
    train = try PNGFolder("\(folder)/train")
    test = try PNGFolder("\(folder)/test")
  }

  var paths: [String] {
    [train, test].flatMap { part in
      part.classes.flatMap { group in group.files.map { "\(part.path)/\(group.name)/\($0)" } }
    }
  }

  /// Reads the files. There is one channel if all files are grey, else there are three.
  ///
  /// - Parameters:
  ///   - classes: The name of each class; nil for the names of the folders in `train`, sorted.
  ///   - digest: The files' names and content are added to it.
  /// - Throws: ``CopurError``: `.invalidData`, with the file, if one is damaged or the sizes differ; `.invalidArgument`
  ///   if a limit does not fit.
  func read(
    classes: [String]?, trainRows: Int?, testRows: Int?, digest: borrowing DatasetDigest
  ) throws -> PictureParts {
    let classNames = classes ?? train.classNames
    let (trainFiles, testFiles) = (try train.pictures(classes: classNames), try test.pictures(classes: classNames))
    let limits = (
      train: try RowLimit(option: "train_rows", count: trainRows).checked(in: train.path, available: trainFiles.count),
      test: try RowLimit(option: "test_rows", count: testRows).checked(in: test.path, available: testFiles.count)
    )
    // Of all files, so that the number of channels does not depend on the limits.
    let shape = try Self.shape(of: trainFiles + testFiles)
    return PictureParts(
      train: try Self.part(trainFiles.prefix(limits.train), in: train.path, shape: shape, digest: digest),
      test: try Self.part(testFiles.prefix(limits.test), in: test.path, shape: shape, digest: digest),
      classes: classNames)
  }

  /// The shape that all files have.
  private static func shape(of pictures: [PNGFolder.Picture]) throws -> PictureShape {
    var first: (header: PNGHeader, path: String)?
    var isColor = false
    for picture in pictures {
      let header = try PNGHeader(reading: picture.path)
      isColor = isColor || header.isColor
      guard let (known, path) = first else {
        first = (header, picture.path)
        continue
      }
      guard (header.rows, header.columns) == (known.rows, known.columns) else {
        throw CopurError(
          .invalidData,
          "\(picture.path): images are of one size, \(known.rows) × \(known.columns) pixels as \(path) (actual: "
            + "\(header.rows) × \(header.columns))")
      }
    }
    guard let (header, path) = first else {
      throw CopurError(.invalidData, "there is at least one image (actual: none)")
    }
    return try PictureShape(rows: header.rows, columns: header.columns, channels: isColor ? 3 : 1).checked(in: path)
  }

  private static func part(
    _ pictures: ArraySlice<PNGFolder.Picture>, in folder: String, shape: PictureShape, digest: borrowing DatasetDigest
  ) throws -> LabelledPixels {
    let width = shape.valueCount
    guard pictures.count <= FileBytes.defaultLimit / width else {
      throw CopurError(
        .invalidData,
        "\(folder): all images together have at most \(FileBytes.defaultLimit) values (actual: \(pictures.count) "
          + "images of \(width))")
    }
    var pixels = [UInt8](repeating: 0, count: pictures.count * width)
    var decoder = PNGDecoder(shape: shape)
    for (row, picture) in pictures.enumerated() {
      let bytes = try FileBytes.read(picture.path, limit: fileLimit)
      digest.add(Array(picture.name.utf8))
      digest.add(bytes)
      try pixels.withUnsafeMutableBufferPointer { buffer in
        let output = UnsafeMutableBufferPointer(rebasing: buffer[row * width..<(row + 1) * width])
        try decoder.decode(file: picture.path, bytes: bytes, into: output)
      }
    }
    return LabelledPixels(
      pixels: PixelRows(width: width, bytes: pixels[...]), labels: pictures.map(\.label), shape: shape)
  }
}
