internal import CopurCore

/// A value that takes the place of another one in a scenario: from `--set KEY=VALUE`, or of a point of a sweep.
package struct ScenarioSetting {
  /// The option that gives settings, for messages.
  package static let option = "--set"

  /// The setting as it was written, such as `training.embedding=16`.
  let text: String
  /// The path of the value that is set.
  let path: SettingPath
  /// The value; one that is empty takes the key out.
  let value: SchemaNode
  /// The node at which the path is written, for messages.
  let key: SchemaNode
  /// Whether a key that is to be taken out may be missing.
  var allowsAbsent = false

  init(path: SettingPath, value: SchemaNode, key: SchemaNode, text: String) {
    self.text = text
    self.path = path
    self.value = value
    self.key = key
  }

  /// A setting of the command line: a path, an equals sign, and a value in YAML.
  ///
  /// - Throws: ``ScenarioError`` that quotes the text, if it is none.
  package init(parsing text: String) throws(ScenarioError) {
    guard let (path, value) = SettingPath.divided(text) else {
      throw ScenarioDocument(option: Self.option, line: text, value: "", at: 0)
        .error(line: 1, column: 1, "a setting is KEY=VALUE, such as training.embedding=16 (actual: no \"=\")")
    }
    let document = ScenarioDocument(
      option: Self.option, line: text, value: value, at: path.unicodeScalars.count + 1)
    // Columns count from the value's first on, so the path's are before it.
    let start = -path.unicodeScalars.count
    key = SchemaNode(scalar: path, in: document, line: 1, column: start)
    do { self.path = try SettingPath(parsing: path) } catch {
      throw document.error(line: 1, column: start + error.offset, error.message)
    }
    self.value = try document.root(ofValue: key)
    self.text = text
  }

  /// The key of a part of the path, for messages and as a new key.
  func key(of part: SettingPath.Part) -> SchemaNode { key.naming(part.name, shiftedBy: part.offset) }
}
