/// Lengths of time as people write them: a decimal number and a unit, such as `250ms` or `1.5s`.
public enum DurationText {
  /// A unit of time.
  public enum Unit: String, CaseIterable, Sendable {
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "m"
    case hours = "h"
    case days = "d"

    /// The number of seconds of the duration.
    public var seconds: Double {
      switch self {
      case .milliseconds: 0.001
      case .seconds: 1
      case .minutes: 60
      case .hours: 3600
      case .days: 86_400
      }
    }
  }

  /// The number of seconds that a text says; nil if it is not a finite decimal number with one of the units.
  ///
  /// - Parameter units: Those that it may have.
  public static func seconds(_ text: String, units: [Unit]) -> Double? {
    // `ms` before `s`, which it ends in.
    for unit in Unit.allCases where units.contains(unit) && text.hasSuffix(unit.rawValue) {
      let number = text.dropLast(unit.rawValue.count)
      // Swift's own parser takes hexadecimal numbers, infinity and NaN, too.
      guard number.utf8.allSatisfy({ "0123456789.+-eE".utf8.contains($0) }), let value = Double(number),
        (value * unit.seconds).isFinite
      else { return nil }
      return value * unit.seconds
    }
    return nil
  }
}
