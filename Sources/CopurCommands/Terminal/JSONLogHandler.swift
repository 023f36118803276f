import Foundation
import Logging

/// Logs as one JSON object a line, for programs that read them: `time`, `level`, `logger`, `message`, and the metadata
/// (session, sample, agent, trace) as members beside them.
struct JSONLogHandler: LogHandler {
  private static let own: Set<String> = ["time", "level", "logger", "message"]

  let label: String
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(label: String, metadataProvider: Logger.MetadataProvider? = nil) {
    self.label = label
    self.metadataProvider = metadataProvider
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    Terminal.report(Self.line(event, label: label, metadata: merged(with: event.metadata), at: .now))
  }

  private func merged(with metadata: Logger.Metadata?) -> Logger.Metadata {
    var all = metadataProvider?.get() ?? [:]
    all.merge(self.metadata) { $1 }
    all.merge(metadata ?? [:]) { $1 }
    return all
  }

  private static func line(_ event: LogEvent, label: String, metadata: Logger.Metadata, at date: Date) -> String {
    var members = ["time": date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))]
    members["level"] = event.level.rawValue
    members["logger"] = label
    members["message"] = event.message.description
    if let error = event.error { members["error"] = "\(error)" }
    for (key, value) in metadata { members[own.contains(key) ? "metadata.\(key)" : key] = "\(value)" }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Text can always be encoded.
    return (try? encoder.encode(members)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
