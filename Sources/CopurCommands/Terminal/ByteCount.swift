import Foundation

/// A number of bytes as people say it: 512 B, 3.4 MB.
struct ByteCount: CustomStringConvertible {
  private static let units = ["B", "kB", "MB", "GB", "TB"]
  private let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    var (value, unit) = (Double(bytes), 0)
    while value >= 1000, unit < Self.units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return String(format: unit == 0 || value >= 100 ? "%.0f" : "%.1f", value) + " " + Self.units[unit]
  }
}
