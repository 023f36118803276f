internal import CopurCore
public import CopurNumerics
internal import Foundation

/// A table of numbers with a column that says the truth: a CSV file, or an NPZ file with the arrays X and y, as ADBench
/// publishes the sets of ODDS.
public struct NumberFile: Sendable {
  /// The file's name without folder and ending.
  public let name: String
  /// [n, d]; NaN where a value is missing.
  public let rows: Matrix
  /// The number in the truth's column of each row; nil without one.
  public let truth: [Double]?

  /// The column of a NPZ file that says the truth, if none is named.
  public static let truthName = "y"

  /// - Parameters:
  ///   - path: The file; one whose name ends in `.npz` is an archive, any other one CSV.
  ///   - truth: The column with the truth; nil for none, and for an archive's `y`, if it has one.
  /// - Throws: ``CopurError``: `.missingInput` if it cannot be read; `.invalidData` if it breaks its format.
  public init(reading path: String, truth column: String? = nil) throws {
    name = URL(filePath: path).deletingPathExtension().lastPathComponent
    guard path.hasSuffix(".npz") else {
      let table = try Columns(reading: path, truth: column)
      (rows, truth) = (table.rows, table.truth)
      return
    }
    let arrays = try NumpyArchive(reading: path).arrays
    guard let features = arrays["X"], features.shape.count == 2 else {
      throw CopurError(
        .invalidData,
        "\(path): an archive has an array X of two dimensions (actual: \(arrays.keys.sorted().joined(separator: ", ")))"
      )
    }
    rows = Matrix(rows: features.shape[0], columns: features.shape[1], values: features.values.map(Float.init))
    guard rows.values.allSatisfy({ !$0.isInfinite }) else {
      throw CopurError(.invalidData, "\(path): the numbers of X are in the range of single precision, or NaN")
    }
    let name = column ?? Self.truthName
    guard let labels = arrays[name] else {
      guard column == nil else {
        throw CopurError(
          .invalidData,
          "\(path): the archive has an array \"\(name)\" (actual: \(arrays.keys.sorted().joined(separator: ", ")))")
      }
      truth = nil
      return
    }
    guard labels.values.count == rows.rows else {
      throw CopurError(
        .invalidData, "\(path): \"\(name)\" has a number a row (rows: \(rows.rows), actual: \(labels.values.count))")
    }
    truth = labels.values
  }

  /// The columns of a CSV file.
  private struct Columns {
    var rows: Matrix
    var truth: [Double]?

    init(reading path: String, truth name: String?) throws {
      var reader = try CSVReader(file: path, bytes: try FileBytes.read(path))
      let place = try name.map { name in
        guard let place = reader.columns.firstIndex(of: name) else {
          throw CopurError(
            .invalidData,
            "\(path): the header has a column \"\(name)\" (actual: \(reader.columns.prefix(8).joined(separator: ", ")))"
              + Suggestion.clause(for: name, in: reader.columns))
        }
        return place
      }
      let columns = reader.columns.indices.filter { $0 != place }
      var (values, truth) = ([Float](), [Double]())
      var count = 0
      while try reader.next() {
        for column in columns { values.append(try reader.number(column)) }
        if let place {
          let number = try reader.number(place)
          guard !number.isNaN else { throw reader.invalid(place, rule: "a number that says the truth") }
          truth.append(Double(number))
        }
        count += 1
      }
      rows = Matrix(rows: count, columns: columns.count, values: values)
      self.truth = place == nil ? nil : truth
    }
  }
}
