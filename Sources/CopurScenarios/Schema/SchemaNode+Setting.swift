internal import CopurDatasets

extension SchemaNode {
  /// This value, as the root of a scenario, with another value at a setting's path.
  ///
  /// - Throws: ``ScenarioError`` at the path, if a list has no such item or a value has no keys. A key that is not there is
  ///   made: whoever reads the mapping knows which keys it may have.
  func setting(_ setting: ScenarioSetting) throws(ScenarioError) -> SchemaNode {
    try self.setting(setting.path.parts[...], of: setting) ?? setting.value
  }

  /// This value with another one at a path within it; nil if the path is empty and the value to be taken out.
  private func setting(
    _ path: ArraySlice<SettingPath.Part>, of setting: ScenarioSetting
  ) throws(ScenarioError) -> SchemaNode? {
    guard let part = path.first else { return setting.value.isNull ? nil : setting.value }
    if isList { return try settingItem(part, path.dropFirst(), of: setting) }
    guard isMapping || isNull || isWord else {
      throw setting.key(of: part).error(
        "\(Self.words(for: part, of: setting)) has a value and no keys (actual: \"\(scalar ?? "")\")")
    }
    return try settingKey(part, path.dropFirst(), of: setting)
  }

  private func settingKey(
    _ part: SettingPath.Part, _ rest: ArraySlice<SettingPath.Part>, of setting: ScenarioSetting
  ) throws(ScenarioError) -> SchemaNode {
    var entries = try isMapping ? mapping(of: "a mapping").entries : kindEntries
    let place = entries.firstIndex { $0.name == part.name }
    let key = setting.key(of: part)
    let old = place.map { entries[$0].value } ?? key.mapping(with: [])
    let new = try rest.isEmpty && setting.value.isNull ? nil : old.setting(rest, of: setting)
    switch (place, new) {
    case (let place?, let new?): entries[place] = .init(name: part.name, key: entries[place].key, value: new)
    case (let place?, nil): entries.remove(at: place)
    case (nil, let new?): entries.append(.init(name: part.name, key: key, value: new))
    case (nil, nil):
      guard setting.allowsAbsent else {
        let keys = entries.map(\.name)
        throw key.error(
          "only a key that is there can be taken out (there: \(keys.joined(separator: ", ")); actual: \"\(part.name)\")"
            + Suggestion.clause(for: part.name, in: keys))
      }
    }
    return mapping(with: entries)
  }

  private func settingItem(
    _ part: SettingPath.Part, _ rest: ArraySlice<SettingPath.Part>, of setting: ScenarioSetting
  ) throws(ScenarioError) -> SchemaNode {
    var items = self.items
    let names = try items.map { item throws(ScenarioError) in try item.itemName }
    let named = names.indices.filter { names[$0] == part.name }
    guard named.count <= 1 else {
      throw setting.key(of: part).error(
        "\(Self.words(for: part, of: setting)) has several items named \"\(part.name)\": their numbers are "
          + named.map { "\($0)" }.joined(separator: ", "))
    }
    guard let place = named.first ?? Int(part.name).flatMap({ items.indices.contains($0) ? $0 : nil }) else {
      let known = names.compactMap { $0 }
      throw setting.key(of: part).error(
        "\(Self.words(for: part, of: setting)) has items 0 to \(items.count - 1)"
          + (known.isEmpty ? "" : ": \(known.joined(separator: ", "))") + " (actual: \"\(part.name)\")"
          + Suggestion.clause(for: part.name, in: known))
    }
    if let item = try items[place].setting(rest, of: setting) { items[place] = item } else { items.remove(at: place) }
    return list(with: items)
  }

  /// The name by which an item of a list is found: its `name`, else its `kind`, or the item itself if it is a word.
  private var itemName: String? {
    get throws(ScenarioError) {
      guard isMapping else { return scalar }
      let entries = try mapping(of: "an item")
      return (entries["name"] ?? entries["kind"])?.scalar
    }
  }

  /// A word that stands for a kind with no keys, as in `defenses: [copur]`.
  private var isWord: Bool {
    guard let scalar, !isQuoted else { return false }
    return Double(scalar) == nil && scalar != "true" && scalar != "false"
  }

  /// The keys of a value without any: the kind that a word stands for.
  private var kindEntries: [SchemaMapping.Entry] {
    isWord ? [.init(name: "kind", key: naming("kind", shiftedBy: 0), value: self)] : []
  }

  /// The place before a part of a path, in words.
  private static func words(for part: SettingPath.Part, of setting: ScenarioSetting) -> String {
    let before = setting.path.parts.prefix { $0.offset < part.offset }.map(\.name)
    return before.isEmpty ? "a scenario" : "\"\(before.joined(separator: "."))\""
  }
}
