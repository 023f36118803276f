internal import CopurCore
internal import Foundation

/// Names of points, such as `embedding=16,code=2`: readable, equal in every run, and safe as names of folders.
///
/// A character that is no letter, digit or one of `-_.+` becomes an underscore, and then, as with a name that is too long,
/// some digits of the digest of what was meant follow, so that different points never have one name.
struct SweepPointName {
  private static let limit = 120
  private static let digestLength = 8

  /// The axes' names: the last part of each path, or as many more as tell them apart.
  static func labels(of paths: [SettingPath]) -> [String] {
    let names = paths.map { $0.parts.map(\.name) }
    return names.indices.map { index in
      for length in 1..<max(1, names[index].count) {
        let label = names[index].suffix(length)
        if names.indices.allSatisfy({ $0 == index || names[$0].suffix(length) != label }) {
          return label.joined(separator: ".")
        }
      }
      return names[index].joined(separator: ".")
    }
  }

  /// - Parameters:
  ///   - labels: The axes' names.
  ///   - values: A text for each.
  static func name(_ labels: [String], _ values: [String]) -> String {
    let pairs = zip(labels, values).map { "\($0)=\($1)" }
    let plain = zip(labels, values).map { "\(safe($0))=\(safe($1))" }
    let name = plain.joined(separator: ",")
    guard plain == pairs, name.utf8.count <= limit else {
      // With line feeds between, which no text of a value has.
      let digest = SHA256Digest.hexadecimal(of: Data(pairs.joined(separator: "\n").utf8)).prefix(digestLength)
      return "\(name.prefix(limit - digestLength - 1))~\(digest)"
    }
    return name
  }

  private static func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar {
          case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "+": scalar
          default: "_"
          }
        }))
  }
}
