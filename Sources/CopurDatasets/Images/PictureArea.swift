internal import CopurCore

/// A rectangle of pictures of any size, by its first and last rows and columns; nil for all of them.
struct PictureArea: Hashable, Sendable {
  var rows: ClosedRange<Int>?
  var columns: ClosedRange<Int>?

  /// - Parameter extents: `rows A-B`, `columns A-B` or both, from 0, the last one included.
  /// - Throws: ``SettingError`` with the rule and the text that breaks it.
  init(parsing extents: [String]) throws(SettingError) {
    for text in extents {
      let words = text.split(separator: " ")
      guard words.count == 2, ["rows", "columns"].contains(words[0]), let range = Self.range(words[1]) else {
        throw SettingError("a region's extent is \"rows A-B\" or \"columns A-B\" with A <= B (actual: \"\(text)\")")
      }
      let isRows = words[0] == "rows"
      guard (isRows ? rows : columns) == nil else {
        throw SettingError("a region has its \(words[0]) once (again: \"\(text)\")")
      }
      if isRows { rows = range } else { columns = range }
    }
    guard rows != nil || columns != nil else {
      throw SettingError("a region has rows, columns or both (actual: neither)")
    }
  }

  /// Whether some pixel belongs to both.
  func overlaps(_ other: PictureArea) -> Bool {
    Self.meet(rows, other.rows) && Self.meet(columns, other.columns)
  }

  /// The rectangle in pictures of some shape; nil if it reaches beyond them.
  func block(in shape: PictureShape) -> PictureBlock? {
    guard let rows = Self.clipped(rows, to: shape.rows), let columns = Self.clipped(columns, to: shape.columns) else {
      return nil
    }
    return PictureBlock(rows: rows, columns: columns)
  }

  private static func meet(_ one: ClosedRange<Int>?, _ other: ClosedRange<Int>?) -> Bool {
    guard let one, let other else { return true }
    return one.overlaps(other)
  }

  private static func clipped(_ range: ClosedRange<Int>?, to extent: Int) -> Range<Int>? {
    guard let range else { return 0..<extent }
    return range.upperBound < extent ? Range(range) : nil
  }

  /// A range of numbers from 0 on, such as `0-13`.
  private static func range(_ text: Substring) -> ClosedRange<Int>? {
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2,
      bounds.allSatisfy({ $0.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) }),
      let first = Int(bounds[0]), let last = Int(bounds[1]), first <= last, last < PictureShape.valueLimit
    else { return nil }
    return first...last
  }
}
