internal import CopurCore

/// The rows of all points of a sweep in one table: the point's name and the axes' values, and then a run's columns.
public struct SweepRows {
  /// The columns' names.
  let columns: [String]
  /// The rows, a field a column each.
  private(set) var rows: [[TabularField]] = []
  private let axes: [SweepRecord.Axis]

  /// - Parameter columns: Those of a run's rows.
  init(axes: [SweepRecord.Axis], columns: [String]) {
    self.axes = axes
    // A key such as `dataset` is a column of every run, too.
    self.columns = ["point"] + axes.map { columns.contains($0.key) ? "sweep.\($0.key)" : $0.key } + columns
  }

  /// Adds a point's rows.
  mutating func add<Row: TabularRow>(_ point: SweepRecord.Point, _ added: [Row]) {
    let own = [.text(point.name)] + point.values.map(Self.field)
    rows += added.map { own + $0.fields }
  }

  /// The file's content.
  ///
  /// - Throws: ``CopurError`` of code `.software` if a number is not finite.
  public func text(as format: RowFile.Format) throws -> String {
    try RowFile.text(of: rows, columns: columns, as: format)
  }

  /// A value of an axis: a number if it is written as one.
  private static func field(_ text: String) -> TabularField {
    guard text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?/) != nil else { return .text(text) }
    if let value = Int(text) { return .integer(value) }
    return Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .text(text)
  }
}
