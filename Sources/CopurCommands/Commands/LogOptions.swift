import ArgumentParser
import CopurFusionCenter
import Logging

/// The log of a long-running process on standard error.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much is logged: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
    transform: level)
  var logLevel = Logger.Level.info

  @Option(
    help: ArgumentHelp(
      "How logs are written: text, json, or auto, which is text on a terminal and JSON elsewhere.", valueName: "format")
  )
  var logFormat = Format.auto

  /// How logs are written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case auto, text, json

    /// Whether it is JSON, each line an object.
    var isJSON: Bool { self == .json || self == .auto && !Terminal.showsProgress }
  }

  private static func level(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else {
      throw ValidationError("a log level is one of \(Logger.Level.allCases.map(\.rawValue)) (actual: \(text))")
    }
    return level
  }

  /// Directs all logs to standard error; once a process.
  func logger(_ label: String) -> Logger {
    // A request's trace goes with all that is logged for it, wherever it is logged.
    let traces = Logger.MetadataProvider { TraceContext.current.map { ["trace": "\($0.traceID)"] } ?? [:] }
    LoggingSystem.bootstrap(
      { label, provider in
        var handler: any LogHandler =
          logFormat.isJSON
          ? JSONLogHandler(label: label, metadataProvider: provider)
          : StreamLogHandler.standardError(label: label, metadataProvider: provider)
        handler.logLevel = logLevel
        return handler
      }, metadataProvider: traces)
    return Logger(label: label)
  }
}
