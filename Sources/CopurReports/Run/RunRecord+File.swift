public import Foundation

extension RunRecord {
  /// The file's name in the folder of a run.
  public static let fileName = "run.json"

  /// Writes the record into a folder, which is made if it is not there.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func write(to folder: URL) throws {
    try RecordFile.write(self, of: "the run", to: folder.appending(path: Self.fileName))
  }

  /// Reads the record of a folder. Fields that this program does not know are passed over.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is none, `.invalidData` with the reason if it is malformed.
  public init(reading folder: URL) throws {
    self = try RecordFile.read(Self.self, of: "a run", from: folder.appending(path: Self.fileName))
  }
}
