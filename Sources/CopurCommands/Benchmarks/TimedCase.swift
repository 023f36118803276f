import Foundation

/// A case's time, as this program's benchmarks and others' print it: a line of JSON.
struct TimedCase: Codable {
  var `case`: String
  var seconds: Double
  /// The program; left out by others.
  var engine: String?

  /// Prints the line.
  ///
  /// - Throws: ``CopurError`` of code `.io` if it cannot be written.
  func print() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try Terminal.print(String(decoding: try encoder.encode(self), as: UTF8.self))
  }

  /// The median, the upper one of two.
  ///
  /// - Precondition: There is a value.
  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
