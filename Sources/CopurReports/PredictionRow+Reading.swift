internal import CopurCore
internal import Foundation

extension PredictionRow {
  /// Reads a file of predictions. A last line that was cut off is left out.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` with the line's number if a line
  ///   is not a prediction.
  package static func rows(inCSV path: String) throws -> [PredictionRow] {
    try RowFile.records(inCSV: path).enumerated().dropFirst().map { index, fields in
      guard fields.count == columns.count, let seed = UInt64(fields[0]), let sample = Int(fields[3]),
        let label = Int(fields[4]), fields[5].isEmpty || Int(fields[5]) != nil,
        fields[6].isEmpty || Int(fields[6]) != nil
      else {
        throw CopurError(
          .invalidData, "\(path):\(index + 1): not a prediction (\(columns.joined(separator: ",")))")
      }
      return PredictionRow(
        seed: seed, attack: fields[1], defense: fields[2], sample: sample, label: label, prediction: Int(fields[5]),
        certifiedAgents: Int(fields[6]))
    }
  }
}
