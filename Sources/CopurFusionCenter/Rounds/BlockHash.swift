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

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
