import ArgumentParser

/// A length of time on the command line: `250ms`, `1.5s`, `2m`.
struct DurationOption: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    for (unit, seconds) in [("ms", 0.001), ("s", 1.0), ("m", 60.0)] where argument.hasSuffix(unit) {
      guard let value = Double(argument.dropLast(unit.count)), value.isFinite, value >= 0, value * seconds <= 86_400
      else { return nil }
      duration = .seconds(value * seconds)
      return
    }
    return nil
  }

  var description: String { "\(duration / .milliseconds(1))ms" }
  var defaultValueDescription: String { description }
}
