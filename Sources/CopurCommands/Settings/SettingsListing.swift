/// The settings of a command as a settings file, each line with its source.
struct SettingsListing {
  let command: String
  let settings: [Setting]

  var text: String {
    var lines = ["\(command):"]
    let shown = settings.filter { !$0.option.isHidden || $0.source != .standard }.map { ($0, Self.line($0)) }
    let width = min(shown.map(\.1.count).max() ?? 0, 60)
    for (setting, line) in shown {
      let source = setting.values.isEmpty && setting.source == .standard ? "not set" : "\(setting.source)"
      lines.append(line + String(repeating: " ", count: max(1, width + 2 - line.count)) + "# \(source)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ setting: Setting) -> String {
    guard !setting.values.isEmpty else { return "  # \(setting.option.name):" }
    let values = setting.values.map(YAMLScalar.text)
    return "  \(setting.option.name): "
      + (setting.option.isRepeating ? "[\(values.joined(separator: ", "))]" : values[0])
  }
}
