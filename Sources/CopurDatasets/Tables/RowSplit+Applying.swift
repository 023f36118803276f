internal import CopurCore
internal import CopurNumerics
internal import Foundation

extension RowSplit {
  /// Says which rows of a file are the test.
  ///
  /// - Parameters:
  ///   - count: How many labelled rows the file has.
  ///   - keys: What stands in the column, row by row; empty without one.
  ///   - file: The file's name for messages.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a part has no rows, or `.invalidData` if a value is no number or time.
  func testRows(count: Int, keys: [String], file: String) throws -> [Bool] {
    let isTest = try divided(count: count, keys: keys, file: file)
    let tests = isTest.count { $0 }
    guard tests > 0, tests < count else {
      throw CopurError(
        .invalidArgument,
        "\(file): \(rule) leaves rows to train on and rows to test on (labelled rows: \(count), of them the test: \(tests))"
      )
    }
    return isTest
  }

  private var rule: String {
    if testFrom != nil { return "test_from" }
    return testShare != nil ? "test_share" : "test_values"
  }

  private func divided(count: Int, keys: [String], file: String) throws -> [Bool] {
    if let trainRows {
      guard trainRows >= 1, trainRows < count else {
        throw CopurError(
          .invalidArgument,
          "\(file): train_rows is at least 1 and leaves rows to test on (labelled rows: \(count), actual: \(trainRows))"
        )
      }
      return (0..<count).map { $0 >= trainRows }
    }
    if let testFrom { return try from(testFrom, keys, file: file) }
    if let testShare {
      guard column != nil else {
        let drawn = Set(draw(Array(0..<count), share: testShare))
        return (0..<count).map(drawn.contains)
      }
      let drawn = Set(draw(Set(keys).sorted(), share: testShare))
      return keys.map(drawn.contains)
    }
    let present = Set(keys)
    for value in testValues where !present.contains(value) {
      throw CopurError(
        .invalidArgument,
        "\(file): test_values are values of column \"\(column ?? "")\" (never there: \"\(value)\")"
          + Suggestion.clause(for: value, in: present.sorted()))
    }
    return keys.map(testValues.contains)
  }

  /// A share of things, at least one, and not all if there are several.
  private func draw<Thing>(_ things: [Thing], share: Float) -> ArraySlice<Thing> {
    var generator = SeededGenerator(seed: UInt64(seed ?? 0), purpose: "rows for the test")
    let wanted = Int((Double(share) * Double(things.count)).rounded())
    return things.shuffled(using: &generator).prefix(max(1, min(wanted, things.count - 1)))
  }

  private func from(_ limit: String, _ keys: [String], file: String) throws -> [Bool] {
    guard let first = OwnRowsReader.seconds(limit) else {
      throw CopurError(
        .invalidArgument, "\(file): test_from is a number, or a date and time of ISO 8601 (actual: \"\(limit)\")")
    }
    let isNumber = Double(limit) != nil
    return try keys.map { key in
      guard let time = OwnRowsReader.seconds(key), (Double(key) != nil) == isNumber else {
        throw CopurError(
          .invalidData,
          "\(file): column \"\(column ?? "")\": expected \(isNumber ? "a number" : "a date and time of ISO 8601"), as "
            + "test_from is (actual: \"\(key)\")")
      }
      return time >= first
    }
  }
}
