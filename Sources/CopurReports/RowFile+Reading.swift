internal import CopurCore
internal import Foundation

extension RowFile {
  /// Reads a file of JSON Lines.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` with the line's number if a line
  ///   is not a row.
  public static func rows<Row: Decodable>(_ type: Row.Type, inJSONLines path: String) throws -> [Row] {
    let text: String
    do { text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) } catch {
      throw CopurError(.missingInput, "\(path): the results cannot be read", cause: error)
    }
    let decoder = JSONDecoder()
    var rows: [Row] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let data = Data(line.utf8)
      do { rows.append(try decoder.decode(type, from: data)) } catch {
        throw CopurError(.invalidData, "\(path):\(index + 1): not a row of results (\(reason(of: error, in: data)))")
      }
    }
    return rows
  }
}
