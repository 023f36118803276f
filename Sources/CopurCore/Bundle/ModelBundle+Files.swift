internal import CopurLearning
public import Foundation

extension ModelBundle {
  /// The file in a bundle's folder that says what it is.
  public static let manifestFile = "bundle.json"
  /// The file in a bundle's folder that holds the numbers.
  public static let weightsFile = "weights.safetensors"

  /// Writes the bundle into a folder, which is made if it is not there.
  ///
  /// The folder appears whole or not at all: both files are written next to it first. It replaces an old bundle, and
  /// nothing else: a folder that holds other files is left alone.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names the folder.
  public func write(to folder: URL) throws {
    var manifest = manifest
    let (description, weights): (Data, Data)
    do {
      manifest.modelVersion = try manifest.computedVersion()
      (description, weights) = (try manifest.encoded(), try written().weights.encoded())
    } catch {
      throw CopurError(.cannotCreate, "a bundle cannot be written to \(folder.path)", cause: error)
    }
    try ReplacedFolder.write(
      [(Self.weightsFile, weights), (Self.manifestFile, description)], to: folder, of: "a bundle")
  }

  /// Reads a bundle of the present format or of `copur-bundle/2`, and checks that nothing in it was changed since it was
  /// written.
  ///
  /// - Parameters:
  ///   - folder: The bundle's folder.
  ///   - kinds: The kinds of parts that it may have.
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there, `.invalidData` if its content is not what its
  ///   digest says or does not fit together.
  public init(reading folder: URL, kinds: BundlePartKinds = .known) throws {
    let json = try Self.read(Self.manifestFile, in: folder)
    let manifest = folder.appending(path: Self.manifestFile).path
    let format: BundleFormat
    do {
      format = try BundleFormat(json)
    } catch {
      throw CopurError(.invalidData, "\(manifest) is no bundle's description", cause: error)
    }
    let versions = try format.versions(of: json)
    guard versions.contains(format.modelVersion) else {
      throw CopurError(
        .invalidData,
        "\(manifest) was changed: its content has the version \(versions[0]), it says \(format.modelVersion)")
    }
    let data = try Self.read(Self.weightsFile, in: folder)
    let digest = SHA256Digest.hexadecimal(of: data)
    guard digest == format.weightsDigest else {
      throw CopurError(
        .invalidData,
        "\(folder.appending(path: Self.weightsFile).path) was changed: its SHA-256 is \(digest), "
          + "\(Self.manifestFile) says \(format.weightsDigest)")
    }
    do {
      try self.init(format, weights: try Safetensors(decoding: data), kinds: kinds)
    } catch {
      throw CopurError(.invalidData, "\(folder.path) is no usable bundle", cause: error)
    }
  }

  private static func read(_ name: String, in folder: URL) throws -> Data {
    let file = folder.appending(path: name)
    do {
      return try Data(contentsOf: file)
    } catch {
      throw CopurError(
        .missingInput, "a bundle is a folder with \(manifestFile) and \(weightsFile): \(file.path) cannot be read")
    }
  }
}
