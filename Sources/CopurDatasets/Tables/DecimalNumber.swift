/// Decimal numbers in text: an optional sign, digits with an optional point, an optional exponent.
package enum DecimalNumber {
  /// 10⁰ … 10²², the powers of ten that a `Double` holds exactly.
  private static let powers: [Double] = {
    var powers = [1.0]
    for _ in 1...22 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()

  /// The number that some bytes spell.
  ///
  /// - Returns: The nearest `Double`, infinite if the number is beyond its range; nil if the bytes spell no number.
  package static func parse(_ bytes: ArraySlice<UInt8>) -> Double? {
    var position = bytes.startIndex
    let end = bytes.endIndex
    var isNegative = false
    if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }

    var mantissa: UInt64 = 0
    var (digits, fractionDigits) = (0, 0)
    var pastPoint = false
    while position < end {
      let byte = bytes[position]
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        // Over 19 digits the product may wrap; such numbers take the slow way below.
        mantissa = mantissa &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        digits += 1
        if pastPoint { fractionDigits += 1 }
      } else if byte == UInt8(ascii: "."), !pastPoint {
        pastPoint = true
      } else {
        break
      }
      position += 1
    }
    guard digits > 0 else { return nil }

    var exponent = 0
    if position < end {
      guard bytes[position] == UInt8(ascii: "e") || bytes[position] == UInt8(ascii: "E") else { return nil }
      guard let parsed = parseExponent(bytes[(position + 1)...]) else { return nil }
      exponent = parsed
    }

    // Both operands are exact, so the one operation rounds correctly (Clinger 1990, section 4).
    let scale = exponent - fractionDigits
    if digits <= 19, mantissa <= 1 << 53, scale.magnitude <= 22 {
      let magnitude = scale < 0 ? Double(mantissa) / powers[-scale] : Double(mantissa) * powers[scale]
      return isNegative ? -magnitude : magnitude
    }
    return Double(String(decoding: bytes, as: UTF8.self))
  }

  private static func parseExponent(_ bytes: ArraySlice<UInt8>) -> Int? {
    var digits = bytes
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    guard !digits.isEmpty else { return nil }
    var exponent = 0
    for byte in digits {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      // Far beyond any exponent that matters, and far below overflow.
      exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1 << 20)
    }
    return isNegative ? -exponent : exponent
  }
}
