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
    let files = FileManager.default
    let others = Set((try? files.contentsOfDirectory(atPath: folder.path)) ?? [])
      .subtracting([Self.manifestFile, Self.weightsFile])
    if let other = others.min() {
      throw CopurError(
        .cannotCreate, "\(folder.path): only a bundle or an empty folder is replaced (also there: \"\(other)\")")
    }
    let temporary = folder.deletingLastPathComponent().appending(
      path: ".\(folder.lastPathComponent).\(UUID().uuidString)")
    do {
      try files.createDirectory(at: temporary, withIntermediateDirectories: true)
      try weights.encoded().write(to: temporary.appending(path: Self.weightsFile))
      try manifest.encoded(pretty: true).write(to: temporary.appending(path: Self.manifestFile))
      let old = temporary.appendingPathExtension("old")
      let replaces = files.fileExists(atPath: folder.path)
      if replaces { try files.moveItem(at: folder, to: old) }
      do {
        try files.moveItem(at: temporary, to: folder)
      } catch {
        if replaces { try? files.moveItem(at: old, to: folder) }
        throw error
      }
      if replaces { try files.removeItem(at: old) }
    } catch {
      try? files.removeItem(at: temporary)
      throw CopurError(.cannotCreate, "a bundle cannot be written to \(folder.path)", cause: error)
    }
  }

  /// Reads a bundle and checks that nothing in it was changed since it was written.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there, `.invalidData` if its content is not what its
  ///   digest says or does not fit together.
  public init(reading folder: URL) throws {
    let json = try Self.read(Self.manifestFile, in: folder)
    let manifest: BundleManifest
    do {
      manifest = try JSONDecoder().decode(BundleManifest.self, from: json)
    } catch {
      throw CopurError(
        .invalidData, "\(folder.appending(path: Self.manifestFile).path) is no bundle's description", cause: error)
    }
    guard manifest.format == BundleManifest.currentFormat else {
      throw CopurError(
        .invalidData,
        "\(folder.path): the format is \"\(BundleManifest.currentFormat)\" (actual: \"\(manifest.format)\")"
      )
    }
    let version = try manifest.computedVersion()
    guard manifest.modelVersion == version else {
      throw CopurError(
        .invalidData,
        "\(folder.appending(path: Self.manifestFile).path) was changed: its content has the version \(version), it says \(manifest.modelVersion)"
      )
    }
    let data = try Self.read(Self.weightsFile, in: folder)
    let digest = SHA256Digest.hexadecimal(of: data)
    guard digest == manifest.weightsDigest else {
      throw CopurError(
        .invalidData,
        "\(folder.appending(path: Self.weightsFile).path) was changed: its SHA-256 is \(digest), \(Self.manifestFile) says \(manifest.weightsDigest)"
      )
    }
    do {
      try self.init(manifest: manifest, weights: try Safetensors(decoding: data))
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

extension BundleManifest {
  /// The JSON text, keys sorted so that equal content gives equal bytes.
  func encoded(pretty: Bool) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .useDefaultKeys
    encoder.outputFormatting = pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys]
    return try encoder.encode(self)
  }

  /// The first 16 digits of a SHA-256 over everything but the version itself.
  func computedVersion() throws -> String {
    var content = self
    content.modelVersion = ""
    return String(SHA256Digest.hexadecimal(of: try content.encoded(pretty: false)).prefix(16))
  }
}
