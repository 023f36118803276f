internal import COpenSSL
public import Foundation

/// SHA-256 (FIPS 180-4) by OpenSSL, as text.
public struct SHA256Digest: ~Copyable {
  private let context: OpaquePointer

  /// A digest of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("OpenSSL has no memory for a digest, or was built without SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
  }

  /// The digest of what was added, 64 hexadecimal digits.
  public consuming func hexadecimal() -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
      var length: UInt32 = 0
      precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, &length) == 1)
      count = Int(length)
    }
    return bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// The digest of bytes, 64 hexadecimal digits.
  public static func hexadecimal(of data: Data) -> String {
    let digest = SHA256Digest()
    data.withUnsafeBytes { digest.update($0) }
    return digest.hexadecimal()
  }
}
