extension TrainingSettings {
  /// Differences from other settings, as a scenario spells them, by key: `agent_heads: true`. Alternatives are left out.
  public func changes(from others: TrainingSettings) -> [String] {
    let (before, now) = (others.alone.flat, alone.flat)
    return now.filter { before[$0.key] != $0.value }.map { "\($0.key): \($0.value)" }.sorted()
  }

  private var flat: [String: String] {
    do {
      return Self.flat(try JSONValue(encoding: self))
    } catch {
      preconditionFailure("settings are numbers, texts and truth values: \(error)")
    }
  }

  /// Every setting as text; those of a section behind its name and a point.
  private static func flat(_ value: JSONValue, under path: String = "") -> [String: String] {
    switch value {
    case .object(let members):
      members.reduce(into: [:]) { all, member in
        let key = path.isEmpty ? member.key : "\(path).\(member.key)"
        all.merge(flat(member.value, under: key)) { $1 }
      }
    case .number(let number): [path: number == number.rounded() ? "\(Int(number))" : "\(number)"]
    case .string(let text): [path: text]
    case .bool(let bool): [path: "\(bool)"]
    case .array(let items):
      [path: "[\(items.compactMap { if case .string(let text) = $0 { text } else { nil } }.joined(separator: ", "))]"]
    case .null: [:]
    }
  }
}
