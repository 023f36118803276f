internal import Foundation

/// The map from values to places along an axis.
package struct Scale {
  package enum Kind { case linear, logarithmic }

  let kind: Kind
  /// The values at the axis's ends; over 0 on a logarithmic one.
  let domain: ClosedRange<Double>
  /// The places of the domain's ends, in the drawing's units.
  let start: Double
  let end: Double

  /// - Parameter domain: A domain without extent is widened, so that every value has a place.
  package init(_ kind: Kind = .linear, domain: ClosedRange<Double>, from start: Double, to end: Double) {
    precondition(kind == .linear || domain.lowerBound > 0)
    self.kind = kind
    self.start = start
    self.end = end
    guard domain.lowerBound == domain.upperBound else {
      self.domain = domain
      return
    }
    let value = domain.lowerBound
    self.domain =
      kind == .logarithmic ? value / 2...value * 2 : value - max(abs(value) / 2, 0.5)...value + max(abs(value) / 2, 0.5)
  }

  /// A value's place. Values outside the domain are drawn at its nearer end.
  package func position(_ value: Double) -> Double {
    let value = min(max(value, domain.lowerBound), domain.upperBound)
    func measure(_ value: Double) -> Double { kind == .linear ? value : log10(value) }
    let (low, high) = (measure(domain.lowerBound), measure(domain.upperBound))
    return start + (measure(value) - low) / (high - low) * (end - start)
  }

  /// Round values in the domain: on a linear scale about so many multiples of 1, 2 or 5 times a power of ten; on a
  /// logarithmic one powers of ten, and where these are few also 2 and 5 times them.
  package func ticks(about count: Int = 5) -> [Double] {
    switch kind {
    case .linear:
      let rough = (domain.upperBound - domain.lowerBound) / Double(max(1, count))
      let power = pow(10, log10(rough).rounded(.down))
      let step = ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10) * power
      let first = (domain.lowerBound / step - 1e-9).rounded(.up)
      let last = (domain.upperBound / step + 1e-9).rounded(.down)
      guard first <= last else { return [] }
      return stride(from: first, through: last, by: 1).map { $0 * step }
    case .logarithmic:
      let decades = Int(log10(domain.lowerBound).rounded(.down))...Int(log10(domain.upperBound).rounded(.up))
      let every = max(1, (decades.count + count - 1) / count)
      let factors: [Double] = decades.count > 3 ? [1] : [1, 2, 5]
      let shown = decades.filter { $0.isMultiple(of: every) }
      let values = shown.flatMap { decade -> [Double] in
        let power = pow(10, Double(decade))
        return factors.map { $0 * power }
      }
      let (low, high) = (domain.lowerBound * (1 - 1e-9), domain.upperBound * (1 + 1e-9))
      return values.filter { low <= $0 && $0 <= high }
    }
  }
}
