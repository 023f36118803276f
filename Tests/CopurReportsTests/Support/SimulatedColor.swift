import Foundation

/// A colour of a screen (sRGB) as people see it whose eyes lack a kind of cone (Machado, Oliveira and Fernandes 2009,
/// severity 1).
struct SimulatedColor {
  enum Vision: CaseIterable {
    case trichromat, protan, deutan, tritan

    fileprivate var matrix: [[Double]] {
      switch self {
      case .trichromat: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      case .protan:
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
      case .deutan:
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
      case .tritan:
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
      }
    }
  }

  /// Red, green and blue, linear.
  private let linear: [Double]

  /// - Parameter hexadecimal: Three or six digits.
  init?(_ hexadecimal: String) {
    let digits = hexadecimal.count == 3 ? hexadecimal.map { "\($0)\($0)" }.joined() : hexadecimal
    guard digits.count == 6, let value = Int(digits, radix: 16) else { return nil }
    linear = [value >> 16, value >> 8 & 255, value & 255].map { channel in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
  }

  /// The contrast of WCAG 2.
  func contrast(with other: SimulatedColor) -> Double {
    func luminance(_ color: SimulatedColor) -> Double {
      zip([0.2126, 0.7152, 0.0722], color.linear).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (one, two) = (luminance(self), luminance(other))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  func distance(to other: SimulatedColor, as vision: Vision) -> Double {
    Self.distance(lab(as: vision), other.lab(as: vision))
  }

  private func lab(as vision: Vision) -> [Double] {
    func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
      matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let seen = product(vision.matrix, linear).map { min(1, max(0, $0)) }
    let xyz = product(
      [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]], seen)
    let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white in
      value / white > 216.0 / 24389 ? cbrt(value / white) : (24389.0 / 27 * value / white + 16) / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  /// CIEDE2000 between two colours of CIELAB (Sharma, Wu and Dalal 2005).
  static func distance(_ one: [Double], _ two: [Double]) -> Double {
    func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
    let mean = (hypot(one[1], one[2]) + hypot(two[1], two[2])) / 2
    let g = 0.5 * (1 - (pow(mean, 7) / (pow(mean, 7) + pow(25, 7))).squareRoot())
    func polar(_ color: [Double]) -> (chroma: Double, hue: Double) {
      let a = color[1] * (1 + g)
      guard a != 0 || color[2] != 0 else { return (0, 0) }
      let degrees = atan2(color[2], a) * 180 / .pi
      return (hypot(a, color[2]), degrees < 0 ? degrees + 360 : degrees)
    }
    let (p, q) = (polar(one), polar(two))
    let isGray = p.chroma * q.chroma == 0
    var turn = isGray ? 0 : q.hue - p.hue
    if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
    let (lightness, chroma) = (two[0] - one[0], q.chroma - p.chroma)
    let hue = 2 * (p.chroma * q.chroma).squareRoot() * sin(radians(turn) / 2)
    let (meanL, meanC) = ((one[0] + two[0]) / 2, (p.chroma + q.chroma) / 2)
    var meanH = p.hue + q.hue
    if !isGray {
      if abs(p.hue - q.hue) > 180 { meanH += meanH < 360 ? 360 : -360 }
      meanH /= 2
    }
    let t =
      1 - 0.17 * cos(radians(meanH - 30)) + 0.24 * cos(radians(2 * meanH)) + 0.32 * cos(radians(3 * meanH + 6))
      - 0.2 * cos(radians(4 * meanH - 63))
    let square = (meanL - 50) * (meanL - 50)
    let (sl, sc, sh) = (1 + 0.015 * square / (20 + square).squareRoot(), 1 + 0.045 * meanC, 1 + 0.015 * meanC * t)
    let rotation =
      -2 * (pow(meanC, 7) / (pow(meanC, 7) + pow(25, 7))).squareRoot()
      * sin(radians(60 * exp(-(((meanH - 275) / 25) * ((meanH - 275) / 25)))))
    let (l, c, h) = (lightness / sl, chroma / sc, hue / sh)
    return (l * l + c * c + h * h + rotation * c * h).squareRoot()
  }
}
