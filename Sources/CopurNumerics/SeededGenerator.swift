/// A random number generator whose whole sequence follows from a seed: xoshiro256** (Blackman and Vigna 2018), its state
/// filled by SplitMix64.
///
/// There is no global generator in the project: whoever draws is handed one, so that the same scenario and seed give the
/// same numbers on every run.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Double?

  /// - Parameter seed: Any number; equal seeds give equal sequences.
  public init(seed: UInt64) {
    var mixer = seed
    func next() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var mixed = mixer
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// A generator for one purpose under a seed, so that drawing more for one purpose changes nothing for another.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - purpose: What the numbers are for; its FNV-1a hash is mixed into the seed.
  public init(seed: UInt64, purpose: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    self.init(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ hash)
  }

  public mutating func next() -> UInt64 {
    let result = rotated(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, by: 45)
    return result
  }

  private func rotated(_ value: UInt64, by bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

  /// A number in [0, 1), uniform, of 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in [lower, upper), uniform.
  public mutating func uniform(_ lower: Float, _ upper: Float) -> Float {
    lower + (upper - lower) * Float(uniform())
  }

  /// A standard normal number (Marsaglia's polar method).
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let square = u * u + v * v
      if square > 0 && square < 1 {
        let factor = (-2 * square.naturalLogarithm / square).squareRoot()
        spareNormal = v * factor
        return u * factor
      }
    }
  }

  /// A matrix of independent normal numbers of mean 0.
  public mutating func normalMatrix(rows: Int, columns: Int, standardDeviation: Float = 1) -> Matrix {
    var matrix = Matrix(rows: rows, columns: columns)
    for index in matrix.values.indices { matrix.values[index] = standardDeviation * Float(normal()) }
    return matrix
  }

  /// The numbers 0..<count in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var numbers = Array(0..<count)
    numbers.shuffle(using: &self)
    return numbers
  }
}

extension SeededGenerator: Codable {
  private enum CodingKeys: String, CodingKey { case state, spareNormal }

  /// - Throws: `DecodingError` if the state is not four numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let words = try container.decode([UInt64].self, forKey: .state)
    guard words.count == 4 else {
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container, debugDescription: "a generator's state is four numbers (actual: \(words.count))")
    }
    self.init(seed: 0)
    state = (words[0], words[1], words[2], words[3])
    spareNormal = try container.decodeIfPresent(UInt64.self, forKey: .spareNormal).map { Double(bitPattern: $0) }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode([state.0, state.1, state.2, state.3], forKey: .state)
    try container.encodeIfPresent(spareNormal?.bitPattern, forKey: .spareNormal)
  }
}
