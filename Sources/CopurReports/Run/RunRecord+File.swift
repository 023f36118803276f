internal import CopurCore
public import Foundation

extension RunRecord {
  /// The file's name in the folder of a run.
  public static let fileName = "run.json"

  /// Writes the record into a folder, which is made if it is not there.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.appending(path: Self.fileName)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try encoder.encode(self).write(to: file, options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(file.path): the record of the run cannot be written", cause: error)
    }
  }

  /// Reads the record of a folder. Fields that this program does not know are passed over.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is none, `.invalidData` with the reason if it is malformed.
  public init(reading folder: URL) throws {
    let file = folder.appending(path: Self.fileName)
    let data: Data
    do { data = try Data(contentsOf: file) } catch {
      throw CopurError(.missingInput, "\(file.path): the record of a run cannot be read", cause: error)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    do { self = try decoder.decode(RunRecord.self, from: data) } catch {
      throw CopurError(.invalidData, "\(file.path): not the record of a run (\(reason(of: error, in: data)))")
    }
  }
}
