/// "Did you mean" for names that are not known.
package enum Suggestion {
  /// The known names that are near a misspelt one, nearest first.
  ///
  /// - Parameters:
  ///   - name: What was written.
  ///   - candidates: What could have been meant.
  ///   - limit: The most names to return.
  package static func names(like name: String, in candidates: [String], limit: Int = 3) -> [String] {
    let written = Array(name.lowercased().unicodeScalars)
    let allowed = max(2, written.count / 3)
    let ranked = candidates.compactMap { candidate -> (name: String, distance: Int)? in
      let known = Array(candidate.lowercased().unicodeScalars)
      let distance = editDistance(written, known)
      // A name is never "near" another of which nothing is left.
      guard distance <= allowed, distance < max(written.count, known.count) else { return nil }
      return (candidate, distance)
    }
    return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
  }

  /// A clause to put at the end of a message, such as `; did you mean "copur"?`, empty if no name is near.
  package static func clause(for name: String, in candidates: [String]) -> String {
    let near = names(like: name, in: candidates)
    guard !near.isEmpty else { return "" }
    return "; did you mean " + near.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
  }

  /// The number of insertions, deletions and replacements that turn one word into the other (Levenshtein).
  private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var previous = Array(0...right.count)
    for (row, scalar) in left.enumerated() {
      var current = [row + 1]
      for column in right.indices {
        let replaced = previous[column] + (scalar == right[column] ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
