import CopurCore
import CopurFusionCenter
import CopurReports
import Foundation

/// Writes rounds of a journal, a line each.
final class RoundOutput {
  enum Format {
    case csv
    case jsonl
    /// For people.
    case text
  }

  private static let bufferBytes = 1 << 16
  private let format: Format
  private let file: FileHandle
  private let name: String
  private let encoder = JSONEncoder()
  private var buffer = Data()

  /// - Parameter path: The file, which is replaced; nil: standard output.
  /// - Throws: ``CopurError`` of code `.cannotCreate` if the file cannot be made.
  init(_ format: Format, to path: String?) throws {
    self.format = format
    if let path {
      guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
      else { throw CopurError(.cannotCreate, "\(path): the file cannot be made") }
      self.file = file
    } else {
      file = .standardOutput
    }
    name = path ?? "standard output"
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if format == .csv { buffer += Data((RoundRecord.columns.joined(separator: ",") + "\n").utf8) }
  }

  /// - Throws: ``CopurError`` of code `.io`.
  func write(_ round: JournalRound) throws {
    let record = RoundRecord(round: round)
    switch format {
    case .jsonl: buffer += try encoder.encode(record)
    case .csv: buffer += Data(record.csv.utf8)
    case .text: buffer += Data(record.text.utf8)
    }
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.bufferBytes { try finish() }
  }

  /// Writes what is left.
  ///
  /// - Throws: ``CopurError`` of code `.io`.
  func finish() throws {
    do {
      try file.write(contentsOf: buffer)
      buffer = Data()
    } catch {
      throw CopurError(.io, "\(name) cannot be written", cause: error)
    }
  }
}

/// A round as a line.
private struct RoundRecord: Encodable {
  static let columns = [
    "session", "sample", "status", "label", "contributed", "missing", "suspects", "model_version", "defense", "reason",
    "certified_agents",
  ]

  let round: JournalRound

  private enum Key: String, CodingKey {
    case session, sample, status, label, contributed, missing, suspects, defense, reason
    case modelVersion = "model_version"
    case certifiedAgents = "certified_agents"
  }

  /// Every key in every line; null where there is nothing to say.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(round.session, forKey: .session)
    try container.encode(round.sample, forKey: .sample)
    try container.encode(round.status.rawValue, forKey: .status)
    try container.encode(round.label, forKey: .label)
    try container.encode(round.contributed.map(\.name), forKey: .contributed)
    try container.encode(round.missing.map(\.name), forKey: .missing)
    try container.encode(round.suspects?.map(\.name), forKey: .suspects)
    try container.encode(round.modelVersion, forKey: .modelVersion)
    try container.encode(round.defense, forKey: .defense)
    try container.encode(round.reason, forKey: .reason)
    try container.encode(round.certifiedAgents, forKey: .certifiedAgents)
  }

  /// Names in one field are separated by a space, which no name contains.
  var csv: String {
    [
      round.session, "\(round.sample)", round.status.rawValue, round.label.map { "\($0)" } ?? "",
      names(round.contributed), names(round.missing), names(round.suspects ?? []), round.modelVersion, round.defense,
      round.reason ?? "", round.certifiedAgents.map { "\($0)" } ?? "",
    ].map(RowFile.csvEscaped).joined(separator: ",")
  }

  var text: String {
    var parts = ["\(round.session) \(round.sample) \(round.status.rawValue)"]
    if let label = round.label { parts.append("label \(label)") }
    if let certified = round.certifiedAgents, certified > 0 { parts.append("certified: any \(certified)") }
    if !round.contributed.isEmpty { parts.append("contributed: \(names(round.contributed))") }
    if !round.missing.isEmpty { parts.append("missing: \(names(round.missing))") }
    if let suspects = round.suspects, !suspects.isEmpty { parts.append("suspect: \(names(suspects))") }
    if let reason = round.reason { parts.append(reason) }
    return parts.joined(separator: "; ") + " (\(round.defense), model \(round.modelVersion))"
  }

  private func names(_ agents: [AgentID]) -> String { agents.map(\.name).joined(separator: " ") }
}
