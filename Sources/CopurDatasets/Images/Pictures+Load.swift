internal import CopurCore
internal import Foundation

extension Pictures {
  /// Reads pictures.
  ///
  /// - Parameters:
  ///   - name: `mnist`, `fashion-mnist`, or the path of an NPZ archive or of a folder as ``ImageFiles`` reads them.
  ///   - directory: Where to look for the files.
  ///   - trainRows: How many of the first training pictures to read; nil for all.
  ///   - testRows: How many of the first test pictures to read; nil for all.
  /// - Returns: The pictures; classes that have no names are named by their numbers.
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData`, with the file, if one breaks its
  ///   format; `.invalidArgument` if a limit does not fit the data.
  public static func load(
    named name: String, in directory: DataDirectory, trainRows: Int? = nil, testRows: Int? = nil
  ) throws -> Pictures {
    if let collection = ImageDataset.Collection(rawValue: name) {
      return try ImageDataset(collection: collection, trainRows: trainRows, testRows: testRows).whole(in: directory)
    }
    let url = URL(filePath: name)
    let ownName = (url.pathExtension == "npz" ? url.deletingPathExtension() : url).lastPathComponent
    // By its name alone: the same files elsewhere are the same pictures.
    let source = ImageFiles(files: ownName, classes: [], trainRows: trainRows, testRows: testRows)
    let digest = try DatasetDigest(source: DatasetSource(source), agents: [])
    let parts = try PictureFiles(at: name, in: directory).read(
      classes: nil, trainRows: trainRows, testRows: testRows, digest: digest)
    return Pictures(name: ownName, parts: parts, digest: digest.finish())
  }
}

extension ImageDataset {
  /// The pictures as ``Pictures`` has them.
  ///
  /// - Throws: As ``load(from:digest:)``.
  func whole(in directory: DataDirectory) throws -> Pictures {
    let digest = try DatasetDigest(source: DatasetSource(self), agents: agents)
    let parts = try parts(from: directory, digest: digest)
    return Pictures(name: collection.rawValue, parts: parts, digest: digest.finish())
  }
}
