internal import CopurCore
internal import Foundation

/// The state of a journal when its writer last acknowledged something, in a file beside it, `PATH-acknowledged`.
///
/// SQLite takes a WAL that is gone, or that is damaged from some frame on, for the end of what was written: blocks that were
/// acknowledged would be missing without a word. The numbers are written after each commit, so that they are never ahead of
/// what is stored; without a sync, since they may lag behind after a power failure.
struct AcknowledgedRows: Equatable {
  /// The last rows of the three tables; 0 where there is none.
  var contribution: Int64 = 0
  var verdict: Int64 = 0
  var aborted: Int64 = 0

  /// The tables, in the order in which the numbers are written.
  static let tables = ["contribution", "verdict", "aborted"]
  private static let format = "copur-journal-acknowledged/1"

  /// The file of the numbers.
  static func file(of journal: String) -> String { "\(journal)-acknowledged" }

  /// The numbers of a journal; nil if there are none, as beside journals of before.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the file is something else.
  init?(of journal: String) throws {
    let path = Self.file(of: journal)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let words = text.split(whereSeparator: \.isWhitespace)
    let numbers = words.dropFirst().compactMap { Int64($0) }
    guard words.first == Substring(Self.format), numbers.count == 3, words.count == 4, text.hasSuffix("\n") else {
      throw CopurError(.invalidData, "\(path): how far a journal was, in one line (\(Self.format) and three numbers)")
    }
    (contribution, verdict, aborted) = (numbers[0], numbers[1], numbers[2])
  }

  init() {}

  /// The number of a table's last row.
  subscript(table: String) -> Int64 {
    switch table {
    case "contribution": contribution
    case "verdict": verdict
    default: aborted
    }
  }

  /// The file's bytes, always as many, so that they replace what was there.
  var bytes: [UInt8] {
    func padded(_ number: Int64) -> String { String(repeating: "0", count: 19 - "\(number)".utf8.count) + "\(number)" }
    return Array("\(Self.format) \(padded(contribution)) \(padded(verdict)) \(padded(aborted))\n".utf8)
  }

  /// The rows that were acknowledged and are not there, a sentence a table.
  ///
  /// - Parameter there: The last rows that there are.
  func missing(in there: AcknowledgedRows) -> [String] {
    Self.tables.filter { self[$0] > there[$0] }.map { table in
      "rows of \(table) that were acknowledged are missing (last: \(self[table]), there: \(there[table]))"
    }
  }
}

/// Writes ``AcknowledgedRows`` beside an open journal.
struct AcknowledgedRowsFile: ~Copyable, Sendable {
  private let descriptor: Int32
  private let path: String

  /// Opens the file, which is made if it is not there, and writes how far the journal is.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate`.
  init(beside journal: String, _ rows: AcknowledgedRows) throws {
    path = AcknowledgedRows.file(of: journal)
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CopurError(.cannotCreate, "\(path): the file cannot be opened: \(String(cString: strerror(errno)))")
    }
    try write(rows)
  }

  deinit { close(descriptor) }

  /// - Throws: ``CopurError`` of code `.io` if the numbers cannot be written.
  func write(_ rows: AcknowledgedRows) throws {
    let bytes = rows.bytes
    // A short write in the middle of a line is no number that is too high.
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw CopurError(.io, "\(path): the file cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
