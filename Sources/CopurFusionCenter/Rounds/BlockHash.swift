package import CopurWire

/// A 64-bit fingerprint of a block's bits: two blocks of one hash are taken for the same content.
///
/// Each pair of floats is mixed in with the finaliser of SplitMix64 (Steele, Lea and Flood 2014), so that a change of
/// signs alone, the very attack that is expected here, reaches every bit. It is no cryptographic hash: an agent that
/// makes two blocks collide only gets its own second block called a duplicate, and the first stands either way.
public enum BlockHash {
  /// The fingerprint of a block; 0.0 and −0.0 differ, as their bits do.
  public static func of(_ block: ArraySlice<Float>) -> UInt64 {
    block.withUnsafeBufferPointer { block in
      var hash = UInt64(block.count)
      var index = 0
      while index + 1 < block.count {
        hash = mixed(hash ^ (UInt64(block[index].bitPattern) | UInt64(block[index + 1].bitPattern) << 32))
        index += 2
      }
      if index < block.count { hash = mixed(hash ^ UInt64(block[index].bitPattern)) }
      return hash
    }
  }

  /// The fingerprint of each block of a message; of none if the message's values do not fit its samples.
  ///
  /// Four blocks at a time: each is a chain in which every step waits for the one before.
  package static func of(_ batch: BlockBatch) -> [UInt64] {
    let (count, width) = (batch.samples.count, batch.width)
    guard batch.values.count == count * width else { return [UInt64](repeating: 0, count: count) }
    if count == 1 { return [of(batch.values[...])] }
    return [UInt64](unsafeUninitializedCapacity: count) { hashes, initialized in
      batch.values.withUnsafeBytes { bytes in
        func pair(_ block: Int, _ index: Int) -> UInt64 {
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: (block * width + index) * 4, as: UInt64.self))
        }
        func single(_ block: Int, _ index: Int) -> UInt64 {
          UInt64(
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: (block * width + index) * 4, as: UInt32.self)))
        }
        for first in stride(from: 0, to: count, by: 4) {
          // The last ones are worked out more than once where there are fewer than four.
          let (b, c, d) = (min(first + 1, count - 1), min(first + 2, count - 1), min(first + 3, count - 1))
          var hash = SIMD4<UInt64>(repeating: UInt64(width))
          var index = 0
          while index + 1 < width {
            hash[0] = mixed(hash[0] ^ pair(first, index))
            hash[1] = mixed(hash[1] ^ pair(b, index))
            hash[2] = mixed(hash[2] ^ pair(c, index))
            hash[3] = mixed(hash[3] ^ pair(d, index))
            index += 2
          }
          if index < width {
            hash[0] = mixed(hash[0] ^ single(first, index))
            hash[1] = mixed(hash[1] ^ single(b, index))
            hash[2] = mixed(hash[2] ^ single(c, index))
            hash[3] = mixed(hash[3] ^ single(d, index))
          }
          for (block, hash) in zip([first, b, c, d], [hash[0], hash[1], hash[2], hash[3]]) {
            hashes.initializeElement(at: block, to: hash)
          }
        }
      }
      initialized = count
    }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
