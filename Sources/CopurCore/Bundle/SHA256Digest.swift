internal import Crypto
public import Foundation

/// SHA-256 as text.
public enum SHA256Digest {
  /// The digest of bytes, 64 hexadecimal digits.
  public static func hexadecimal(of data: Data) -> String {
    SHA256.hash(data: data).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
