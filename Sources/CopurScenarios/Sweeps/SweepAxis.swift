internal import CopurDatasets

/// A key of a sweep and the values that it takes.
struct SweepAxis {
  /// A value and its text.
  struct Value {
    let node: SchemaNode
    let text: String
  }

  /// Keys that are no axis, and why.
  private static let refused = [
    "name": "results have it", "seeds": "every point runs all of them", "sweep": "it is this",
    "either": "it names files",
    "launch": "it is no part of what is measured",
  ]

  let path: SettingPath
  /// The place at which the path is written, for messages.
  let key: SchemaNode
  let values: [Value]

  /// - Parameter entry: The path and the values: a list, or a range.
  init(parsing entry: SchemaMapping.Entry) throws(ScenarioError) {
    (path, key) = (try Self.path(entry.key), entry.key)
    let nodes =
      entry.value.isMapping
      ? try SweepRange(parsing: entry.value).values(at: entry.value) : try entry.value.list(of: "values, or a range")
    var values: [Value] = []
    for node in nodes {
      let value = Value(node: node, text: try node.compactText)
      guard !values.contains(where: { $0.text == value.text }) else {
        throw node.error("the values of an axis differ (twice: \(value.text))")
      }
      values.append(value)
    }
    self.values = values
  }

  /// An axis with the values of some points.
  init(path: SettingPath, key: SchemaNode, values: [Value]) {
    self.path = path
    self.key = key
    self.values = values
  }

  /// A key of the sweep as a path.
  static func path(_ key: SchemaNode) throws(ScenarioError) -> SettingPath {
    let path: SettingPath
    do { path = try SettingPath(parsing: key.scalar ?? "") } catch { throw key.error(error.message) }
    if let reason = refused[path.parts[0].name] {
      throw key.error("\"\(path.parts[0].name)\" is no axis of a sweep: \(reason)")
    }
    return path
  }

  /// The setting of a point's value.
  func setting(_ value: Value) -> ScenarioSetting {
    var setting = ScenarioSetting(path: path, value: value.node, key: key, text: "\(path.text)=\(value.text)")
    // Without and with a key are two values of an axis.
    setting.allowsAbsent = true
    return setting
  }
}
