internal import CopurLearning
internal import Foundation

/// A bundle's manifest in one of the formats that are read.
enum BundleFormat {
  case current(BundleManifest)
  case second(SecondBundleFormat)

  private struct Header: Decodable { var format: String }

  /// - Throws: `DecodingError` if the text is no manifest; ``CopurError`` of code `.invalidData` if its format is not read.
  init(_ description: Data) throws {
    let format = try JSONDecoder().decode(Header.self, from: description).format
    switch format {
    case BundleManifest.currentFormat:
      self = .current(try JSONDecoder().decode(BundleManifest.self, from: description))
    case SecondBundleFormat.name:
      self = .second(try JSONDecoder().decode(SecondBundleFormat.self, from: description))
    default:
      throw CopurError(
        .invalidData,
        "the format is \"\(BundleManifest.currentFormat)\" or \"\(SecondBundleFormat.name)\" (actual: \"\(format)\")")
    }
  }

  /// The version that the manifest states.
  var modelVersion: String {
    switch self {
    case .current(let manifest): manifest.modelVersion
    case .second(let manifest): manifest.modelVersion
    }
  }

  /// The SHA-256 of the weights that the manifest states.
  var weightsDigest: String {
    switch self {
    case .current(let manifest): manifest.weightsDigest
    case .second(let manifest): manifest.weightsDigest
    }
  }

  /// The versions that the manifest's content may have.
  ///
  /// - Parameter description: The text that it was read from.
  func versions(of description: Data) throws -> [String] {
    let version = try BundleManifest.version(of: description)
    guard case .second(var manifest) = self else { return [version] }
    // That format's writers took integers as they are, not as numbers of JSON: seeds may be longer than those.
    manifest.modelVersion = ""
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return [version, String(SHA256Digest.hexadecimal(of: try encoder.encode(manifest)).prefix(16))]
  }

  /// The manifest and the arrays in the current format.
  func upgraded(_ weights: Safetensors) throws -> (BundleManifest, Safetensors) {
    switch self {
    case .current(let manifest): (manifest, weights)
    case .second(let manifest): try manifest.upgraded(weights)
    }
  }
}

extension BundleManifest {
  /// The JSON text, keys sorted so that equal content gives equal bytes.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(self)
  }

  /// The first 16 digits of a SHA-256 over everything but the version itself.
  func computedVersion() throws -> String { try Self.version(of: encoded()) }

  /// The same of a text, including what this program does not know of.
  static func version(of description: Data) throws -> String {
    guard case .object(var members) = try JSONDecoder().decode(JSONValue.self, from: description) else {
      throw CopurError(.invalidData, "a bundle's description is a JSON object")
    }
    members["modelVersion"] = .string("")
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(SHA256Digest.hexadecimal(of: try encoder.encode(members)).prefix(16))
  }
}
