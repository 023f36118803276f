internal import CopurCore
internal import Foundation

/// The files of pictures of one's own: an NPZ archive, a folder with PNG files by class, or a folder with IDX files.
enum PictureFiles: Sendable {
  case archive(NumpyPictures)
  case folders(PNGPictures)
  case idx(IDXPictures)

  /// - Parameter place: A path, or one under a data folder, of a file or a folder.
  /// - Throws: ``CopurError``: `.missingInput` that lists every place looked at, or the file that a folder lacks;
  ///   `.invalidData` if a folder of classes is empty.
  init(at place: String, in directory: DataDirectory) throws {
    let path = try directory.locateNamed([place])
    if !PNGFolder.isFolder(path) {
      self = .archive(NumpyPictures(path: path))
    } else if PNGFolder.isFolder("\(path)/train") {
      self = .folders(try PNGPictures(path))
    } else {
      self = .idx(
        IDXPictures(
          trainImages: try Self.file("train-images-idx3", or: "train-images-idx4", in: path),
          trainLabels: try Self.file("train-labels-idx1", in: path),
          testImages: try Self.file("t10k-images-idx3", or: "t10k-images-idx4", in: path),
          testLabels: try Self.file("t10k-labels-idx1", in: path)))
    }
  }

  /// All files.
  var paths: [String] {
    switch self {
    case .archive(let archive): [archive.path]
    case .folders(let folders): folders.paths
    case .idx(let files): files.paths
    }
  }

  /// Reads the pictures.
  ///
  /// - Parameters:
  ///   - classes: The name of each class; nil to take the names of folders, else numbers.
  ///   - trainRows: How many of the first training pictures to read; nil for all.
  ///   - testRows: How many of the first test pictures to read; nil for all.
  ///   - digest: The files' content is added to it.
  /// - Throws: ``CopurError``: `.invalidData`, with the file, if one breaks its format; `.invalidArgument` if a limit
  ///   does not fit.
  func read(
    classes: [String]?, trainRows: Int?, testRows: Int?, digest: borrowing DatasetDigest
  ) throws -> PictureParts {
    switch self {
    case .archive(let archive):
      try archive.read(classes: classes, trainRows: trainRows, testRows: testRows, digest: digest)
    case .folders(let folders):
      try folders.read(classes: classes, trainRows: trainRows, testRows: testRows, digest: digest)
    case .idx(let files):
      try files.read(classes: classes, trainRows: trainRows, testRows: testRows, digest: digest)
    }
  }

  private static func file(_ name: String, or other: String? = nil, in folder: String) throws -> String {
    let names = [name, other].compactMap { $0 }.flatMap { ["\($0)-ubyte.gz", "\($0)-ubyte"] }
    guard let found = names.first(where: { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }) else {
      throw CopurError(
        .missingInput,
        "\(folder): a folder of images has the folders train and test with a folder of PNG files a class, or the IDX "
          + "files of MNIST (missing: \(name)-ubyte)")
    }
    return "\(folder)/\(found)"
  }
}
