/// A file of manifests.
package struct ManifestFile: Hashable, Sendable {
  /// Its name in the folder.
  package var name: String
  /// The objects that it holds.
  package var documents: [ManifestValue]
  /// Whether it holds keys, so that nobody but its owner may read it.
  package var isSecret = false
  /// A comment at its beginning, without `#`; nil for none.
  package var comment: String?

  package init(_ name: String, _ documents: [ManifestValue], isSecret: Bool = false, comment: String? = nil) {
    self.name = name
    self.documents = documents
    self.isSecret = isSecret
    self.comment = comment
  }

  /// Its text.
  ///
  /// - Throws: ``CopurError`` of code `.software` if a value cannot be written.
  package func text() throws -> String {
    let lines = (comment ?? "").split(separator: "\n").map { "# \($0)\n" }.joined()
    return lines + (try ManifestValue.yaml(documents))
  }
}
