import ArgumentParser
import CopurCore

/// A length of time on the command line: `250ms`, `1.5s`, `2m`; at most a day.
struct DurationOption: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let seconds = DurationText.seconds(argument, units: [.milliseconds, .seconds, .minutes]),
      (0...86_400).contains(seconds)
    else { return nil }
    duration = .seconds(seconds)
  }

  var description: String { "\(duration / .milliseconds(1))ms" }
  var defaultValueDescription: String { description }
}
