internal import COpenSSL
public import Foundation

/// HMAC-SHA-256 (RFC 2104) of rows' keys by OpenSSL: parties that share a secret tell by it which of their rows are the same,
/// and who does not have the secret cannot try keys out.
public struct KeyedDigest: Sendable {
  /// The number of bytes of a digest.
  public static let count = 32
  /// The fewest bytes of a secret.
  public static let shortestSecret = 16

  private let secret: [UInt8]

  /// - Parameter secret: At least ``shortestSecret`` bytes.
  /// - Throws: ``CopurError`` of code `.invalidArgument` for a shorter one, which could be tried out.
  public init(secret: Data) throws {
    guard secret.count >= Self.shortestSecret else {
      throw CopurError(
        .invalidArgument,
        "the secret for keys has at least \(Self.shortestSecret) bytes (actual: \(secret.count))")
    }
    self.secret = Array(secret)
  }

  /// The digest of a key, 32 bytes.
  public func digest(of key: String) -> Data {
    let key = Array(key.utf8)
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
      var length: UInt32 = 0
      let result = HMAC(EVP_sha256(), secret, Int32(secret.count), key, key.count, buffer.baseAddress, &length)
      precondition(result != nil, "OpenSSL has no memory for a digest, or was built without SHA-256")
      count = Int(length)
    }
    return Data(bytes)
  }

  /// A digest as 64 hexadecimal digits.
  public static func hexadecimal(_ digest: Data) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// A digest from 64 hexadecimal digits; nil if it is none.
  public static func digest(hexadecimal text: String) -> Data? {
    guard text.utf8.count == 2 * count else { return nil }
    var bytes = Data(capacity: count)
    var digits = text.utf8.makeIterator()
    while let high = digits.next(), let low = digits.next() {
      guard let byte = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
