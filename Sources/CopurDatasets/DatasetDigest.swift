public import CopurCore
internal import Foundation

/// The digest of a data set: SHA-256 over what was selected and over the files' unpacked content.
///
/// Compression does not enter, so a file and its `.gz` are the same data.
public struct DatasetDigest: ~Copyable {
  private let hash = SHA256Digest()

  /// - Parameters:
  ///   - source: Which data set, with its options.
  ///   - agents: The agents of the roster, in order.
  public init(source: DatasetSource, agents: [AgentID]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      add(Array(try encoder.encode(source)))
      add(Array(try encoder.encode(agents)))
    } catch {
      throw CopurError(.software, "a data set's description could not be encoded", cause: error)
    }
  }

  /// Adds a file's content.
  public func add(_ bytes: [UInt8]) {
    // The length in front keeps two files apart from one that is both.
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update($0) }
    bytes.withUnsafeBytes { hash.update($0) }
  }

  /// The digest, hexadecimal.
  public consuming func finish() -> String { hash.hexadecimal() }
}
