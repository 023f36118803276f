import ArgumentParser
import CopurFusionCenter
import Logging

/// The log of a long-running process on standard error.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much is logged: trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel = Level.info

  @Option(
    help: ArgumentHelp(
      """
      How logs are written: text, json, journald, or auto, which is text on a terminal, journald where systemd's journal \
      reads standard error, and JSON elsewhere.
      """, valueName: "format"))
  var logFormat = Format.auto

  /// The least severity that is logged.
  enum Level: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// The same as swift-log calls it.
    var level: Logger.Level {
      switch self {
      case .trace: .trace
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
    }
  }

  /// The formats of logs.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case auto, text, json, journald

    /// The format that this one stands for.
    var resolved: Format {
      guard self == .auto else { return self }
      return Terminal.showsProgress ? .text : JournalStream.isStandardError ? .journald : .json
    }

    /// The handler that writes it.
    func handler(_ label: String, _ provider: Logger.MetadataProvider?) -> any LogHandler {
      switch resolved {
      case .json: JSONLogHandler(label: label, metadataProvider: provider)
      case .journald: JournalLogHandler(label: label, metadataProvider: provider)
      case .auto, .text: StreamLogHandler.standardError(label: label, metadataProvider: provider)
      }
    }
  }

  /// Directs all logs to standard error; once a process.
  func logger(_ label: String) -> Logger {
    // A request's trace goes with all that is logged for it, wherever it is logged.
    let traces = Logger.MetadataProvider { TraceContext.current.map { ["trace": "\($0.traceID)"] } ?? [:] }
    LoggingSystem.bootstrap(
      { label, provider in
        var handler = logFormat.handler(label, provider)
        handler.logLevel = logLevel.level
        return handler
      }, metadataProvider: traces)
    return Logger(label: label)
  }
}
