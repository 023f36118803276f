import ArgumentParser
import Logging

/// What a long-running process says of itself on standard error.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much is logged: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
    transform: level)
  var logLevel = Logger.Level.info

  private static func level(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else {
      throw ValidationError("a log level is one of \(Logger.Level.allCases.map(\.rawValue)) (actual: \(text))")
    }
    return level
  }

  /// Directs all logs to standard error; once a process.
  func logger(_ label: String) -> Logger {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = logLevel
      return handler
    }
    return Logger(label: label)
  }
}
