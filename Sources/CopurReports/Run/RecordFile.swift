internal import CopurCore
internal import Foundation

/// Records of runs and sweeps: files of JSON that people read, too.
enum RecordFile {
  /// Writes a record, in a folder that is made if it is not there. Whoever reads it meanwhile sees the old one or the new one.
  ///
  /// - Parameter what: What is recorded, with its article.
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  static func write(_ record: some Encodable, of what: String, to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try encoder.encode(record).write(to: file, options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(file.path): the record of \(what) cannot be written", cause: error)
    }
  }

  /// Reads a record. Fields that this program does not know are passed over.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is none, `.invalidData` with the reason if it is malformed.
  static func read<Record: Decodable>(_ type: Record.Type, of what: String, from file: URL) throws -> Record {
    let data: Data
    do { data = try Data(contentsOf: file) } catch {
      throw CopurError(.missingInput, "\(file.path): the record of \(what) cannot be read", cause: error)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    do { return try decoder.decode(type, from: data) } catch {
      throw CopurError(.invalidData, "\(file.path): not the record of \(what) (\(reason(of: error, in: data)))")
    }
  }
}
