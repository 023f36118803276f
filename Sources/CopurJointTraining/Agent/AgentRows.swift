public import CopurCore
public import CopurNumerics
internal import Foundation

/// An agent's own rows in training: features, and by which key each row is known.
public struct AgentRows: Sendable {
  /// The names of the features.
  public let columns: [String]
  /// Raw features, [n, width]; NaN where a value is missing.
  public let features: Matrix
  /// The features before a simulation spoiled some, by which the agent standardises; nil for the same.
  let honest: Matrix?
  /// The keyed digests of the rows' keys, one after the other.
  let digests: Data

  /// - Parameters:
  ///   - keys: A key a row.
  ///   - name: Where the rows come from, for messages.
  ///   - honest: What the features were before a simulation spoiled some; nil for the same.
  /// - Throws: ``CopurError`` of code `.invalidData` that names keys that come twice.
  public init(
    columns: [String], features: Matrix, keys: [String], name: String, digest: KeyedDigest, honest: Matrix? = nil
  ) throws {
    precondition(columns.count == features.columns && keys.count == features.rows)
    precondition(honest.map { $0.rows == features.rows && $0.columns == features.columns } ?? true)
    var rows: [String: Int] = [:]
    var twice: [String] = []
    for (row, key) in keys.enumerated() {
      if rows.updateValue(row, forKey: key) != nil, !twice.contains(key), twice.count < 6 { twice.append(key) }
    }
    guard twice.isEmpty else {
      throw CopurError(
        .invalidData,
        "\(name): a row has a key of its own (twice: \(twice.prefix(5).map { "\"\($0)\"" }.joined(separator: ", "))"
          + "\(twice.count > 5 ? ", …" : ""))")
    }
    guard !keys.isEmpty else { throw CopurError(.invalidData, "\(name): rows to train on are expected (actual: none)") }
    self.columns = columns
    self.features = features
    self.honest = honest
    var digests = Data(capacity: keys.count * KeyedDigest.count)
    for key in keys { digests.append(digest.digest(of: key)) }
    self.digests = digests
  }
}
