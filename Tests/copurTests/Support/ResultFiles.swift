import Foundation
import Testing

/// The reference of result files, which a test compares with files that the program has written.
enum ResultFiles {
  /// The header of a file, as the reference has its columns.
  static func header(_ section: String) throws -> String {
    let page = Programs.package.appending(path: "Sources/CopurCore/Docs.docc/ResultFiles.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("\(section)\n") }, "\(section)")
    return part.matches(of: /\n\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/).map { "\($0.1)" }.joined(separator: ",")
  }
}
